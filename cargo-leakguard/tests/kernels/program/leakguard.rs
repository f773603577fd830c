//! What the kernels ask of leakguard, without it.

/// A remote host that never ends. No task stands for it.
pub fn background(host: impl Future<Output = ()> + Send + 'static) -> impl Future<Output = ()> + Send {
    let mut host = Box::pin(host);
    async move {
        std::future::poll_fn(|cx| {
            let _ = host.as_mut().poll(cx);
            std::task::Poll::Ready(())
        })
        .await;
        std::mem::forget(host);
    }
}
