//! Bugs of tokio projects in which a task outlives its function.

use super::sync::{Barrier, Notify, broadcast, mpsc};
use crate::kernel::Cause::{HeldByItself, HeldOutside, Io, LeftBehind};
use crate::kernel::{Kernel, LG002, LG003, LG004, form, task, tasks};
use crate::row::{Row, rows};
use leakguard::track;
use std::sync::{Arc, LazyLock, Weak};
use std::time::Duration;
use tokio::task::yield_now;
use tokio::time::timeout;

rows! { r01 r02 r10 r15 }

// The function returned when one of two tasks had ended. It dropped the handle of the other one, which does not stop it.
#[track]
mod r01 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "r01 select over handles",
        leaking: form!(leaking),
        finds: &[task(LG002, "")],
        expected: (LG003, HeldOutside),
        silent: &[form!(mended), form!(trap)],
    };

    /// Lives as long as the program.
    static BUS: LazyLock<broadcast::Sender<u8>> = LazyLock::new(|| broadcast::channel(4).0);

    async fn read() {}

    async fn write(mut events: broadcast::Receiver<u8>) {
        while events.recv().await.is_ok() {} // wait
    }

    fn leaking() -> impl Future<Output = ()> + Send {
        // This runs before the scope begins.
        let events = BUS.subscribe();
        async move {
            let reader = tokio::spawn(read());
            let writer = tokio::spawn(write(events)); // spawn
            tokio::select! {
                _ = reader => {}
                _ = writer => {}
            }
        }
    }

    fn mended() -> impl Future<Output = ()> + Send {
        let events = BUS.subscribe();
        async move {
            let mut reader = tokio::spawn(read());
            let mut writer = tokio::spawn(write(events));
            tokio::select! {
                _ = &mut reader => writer.abort(),
                _ = &mut writer => reader.abort(),
            }
        }
    }

    /// The other task ends on its own: its bus is dropped with the function.
    async fn trap() {
        let bus = broadcast::Sender::new(4);
        let reader = tokio::spawn(read());
        let writer = tokio::spawn(write(bus.subscribe()));
        tokio::select! {
            _ = reader => {}
            _ = writer => {}
        }
    }
}

// The session's task would end when the session was dropped, and held the session.
#[track]
mod r02 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "r02 keeps itself alive",
        leaking: form!(leaking),
        finds: &[task(LG002, "")],
        // The task holds the session and its sender. The function that used the sender last has returned.
        expected: (LG003, LeftBehind),
        silent: &[form!(mended), form!(trap)],
    };

    struct Session {
        events: broadcast::Sender<u8>,
        handled: Notify,
    }

    impl Session {
        fn new() -> Arc<Self> {
            Arc::new(Session { events: broadcast::Sender::new(4), handled: Notify::new() })
        }

        fn handle(&self, event: u8) -> bool {
            self.handled.notify_one();
            event > 0
        }
    }

    async fn serve(session: Arc<Session>) {
        let mut events = session.events.subscribe();
        session.handled.notify_one();
        loop {
            let next = events.recv().await; // wait
            if !next.is_ok_and(|event| session.handle(event)) {
                return;
            }
        }
    }

    async fn serve_mended(session: Weak<Session>, mut events: broadcast::Receiver<u8>) {
        while let Ok(event) = events.recv().await {
            let Some(session) = session.upgrade() else {
                return;
            };
            session.handle(event);
        }
    }

    async fn leaking() {
        let session = Session::new();
        tokio::spawn(serve(session.clone())); // spawn
        session.handled.notified().await;
        session.events.send(1).unwrap();
        session.handled.notified().await;
    }

    async fn mended() {
        let session = Session::new();
        let events = session.events.subscribe();
        tokio::spawn(serve_mended(Arc::downgrade(&session), events));
        session.events.send(1).unwrap();
        session.handled.notified().await;
    }

    /// The user keeps the session and ends it later.
    async fn trap() {
        let session = Session::new();
        tokio::spawn(serve(session.clone()));
        for event in [1, 1, 0] {
            session.handled.notified().await;
            session.events.send(event).unwrap();
        }
    }
}

// An actor replied to each command through its own mailbox, which the next command had filled again.
#[track]
mod r10 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "r10 reply through own queue",
        leaking: form!(leaking),
        finds: &[task(LG002, "actor"), tasks(LG002, "commander", 3)],
        expected: (LG004, HeldByItself),
        silent: &[form!(mended)],
    };

    enum Message {
        Command,
        Reply,
    }

    type Mailbox = mpsc::Sender<Message>;

    async fn act(mut mailbox: mpsc::Receiver<Message>, replies: Mailbox, all: Arc<Barrier>) {
        all.wait().await;
        for _ in 0..5 {
            if let Some(Message::Command) = mailbox.recv().await {
                replies.send(Message::Reply).await.unwrap(); // wait: actor
            }
        }
    }

    /// Queues before the actor begins.
    async fn command(actor: Mailbox, all: Arc<Barrier>) {
        let send = actor.send(Message::Command);
        let _ = tokio::join!(biased; send, all.wait()); // wait: commander
    }

    async fn leaking() {
        let ((me, mailbox), all) = (mpsc::channel(1), Arc::new(Barrier::new(6)));
        for _ in 0..5 {
            tokio::spawn(command(me.clone(), all.clone())); // spawn: commander
        }
        tokio::spawn(act(mailbox, me, all)); // spawn: actor
    }

    async fn mended() {
        let ((actor, mailbox), all) = (mpsc::channel(1), Arc::new(Barrier::new(6)));
        for _ in 0..5 {
            tokio::spawn(command(actor.clone(), all.clone()));
        }
        let (me, mut replies) = mpsc::channel(1);
        tokio::spawn(act(mailbox, me, all));
        while let Some(Message::Reply) = replies.recv().await {}
    }
}

// The client had disconnected. The relay kept waiting for an upstream that neither sends nor closes.
#[track]
mod r15 {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, copy_bidirectional};
    use tokio::net::{TcpListener, TcpStream};

    pub const KERNEL: Kernel = Kernel {
        row: "r15 half-close",
        leaking: form!(leaking),
        finds: &[task(LG002, "")],
        expected: (LG002, Io),
        silent: &[form!(mended), form!(trap)],
    };

    async fn connection() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap()).await;
        (near.unwrap(), listener.accept().await.unwrap().0)
    }

    async fn relay(mut client: TcpStream, mut upstream: TcpStream) {
        let _ = copy_bidirectional(&mut client, &mut upstream).await; // wait
    }

    async fn relay_mended(mut client: TcpStream, mut upstream: TcpStream) {
        let (mut from_client, mut to_client) = client.split();
        let (mut from_upstream, mut to_upstream) = upstream.split();
        let up = async {
            let _ = copy(&mut from_client, &mut to_upstream).await;
            let _ = to_upstream.shutdown().await;
        };
        let down = copy(&mut from_upstream, &mut to_client);
        tokio::pin!(down);
        tokio::select! {
            () = up => {
                let _ = timeout(Duration::from_millis(1), down).await;
            }
            _ = &mut down => {}
        }
    }

    /// Neither sends nor closes. Stands for a remote host.
    async fn dead(connection: TcpStream) {
        let _connection = connection;
        std::future::pending().await
    }

    /// Reads the request, sends the response and closes.
    async fn serve(mut connection: TcpStream) {
        connection.read_to_end(&mut Vec::new()).await.unwrap();
        for _ in 0..9 {
            connection.write_all(&[0; 1000]).await.unwrap();
            yield_now().await;
        }
    }

    async fn leaking() {
        let (client, near) = connection().await;
        let (far, upstream) = connection().await;
        tokio::spawn(leakguard::background(dead(upstream)));
        tokio::spawn(relay(near, far)); // spawn
        drop(client);
    }

    async fn mended() {
        let (client, near) = connection().await;
        let (far, upstream) = connection().await;
        tokio::spawn(leakguard::background(dead(upstream)));
        tokio::spawn(relay_mended(near, far));
        drop(client);
    }

    /// The client has sent its request, and the download continues.
    async fn trap() {
        let (mut client, near) = connection().await;
        let (far, upstream) = connection().await;
        tokio::spawn(serve(upstream));
        tokio::spawn(relay(near, far));
        client.shutdown().await.unwrap();
        let mut download = Vec::new();
        client.read_to_end(&mut download).await.unwrap();
        assert_eq!(download.len(), 9000);
    }
}
