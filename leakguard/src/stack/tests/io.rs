//! The network, pipes, processes and signals.

use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

use super::{Class, await_below, look, place};

const LOOPBACK: &str = "127.0.0.1:0";

async fn tcp_pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind(LOOPBACK).await.unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    (near, listener.accept().await.unwrap().0)
}

#[tokio::test]
async fn tcp_accept() {
    let listener = TcpListener::bind(LOOPBACK).await.unwrap();
    let polled = look(async {
        await_below();
        listener.accept().await
    });
    let polled = polled.await;
    polled.waits(&["tcp accept"]);
    polled.is_of(Class::Io);
}

#[tokio::test]
async fn tcp_connect() {
    let listener = TcpListener::bind(LOOPBACK).await.unwrap();
    let address = listener.local_addr().unwrap();
    let polled = look(async {
        await_below();
        TcpStream::connect(address).await
    });
    polled.await.waits(&["tcp connect|tcp socket"]);
}

#[tokio::test]
async fn tcp_read() {
    let (mut near, mut far) = tcp_pair().await;
    let mut read = async || {
        await_below();
        near.read_u8().await
    };
    look(read()).await.waits(&["socket read|I/O read"]);
    far.write_u8(1).await.unwrap();
    // The next poll may come before the driver has seen the byte, so only the awaited read is sure to end.
    assert_eq!(read().await.unwrap(), 1);
}

#[tokio::test]
async fn tcp_split_read() {
    let (near, _far) = tcp_pair().await;
    let (mut reader, _writer) = near.into_split();
    let polled = look(async {
        await_below();
        reader.read_u8().await
    });
    polled.await.waits(&["socket read|I/O read"]);
}

#[tokio::test]
async fn tcp_write() {
    let (mut near, _far) = tcp_pair().await;
    near.writable().await.unwrap();
    while near.try_write(&[0; 65536]).is_ok() {}
    let polled = look(async {
        await_below();
        near.write_all(&[0; 65536]).await
    });
    polled.await.waits(&["socket write|I/O write"]);
}

#[tokio::test]
async fn udp_receive() {
    let socket = UdpSocket::bind(LOOPBACK).await.unwrap();
    let polled = look(async {
        await_below();
        socket.recv_from(&mut [0]).await
    });
    polled.await.waits(&["udp receive|udp"]);
}

#[tokio::test]
async fn duplex_read() {
    let (mut near, mut far) = duplex(1);
    let mut read = async || {
        await_below();
        near.read_u8().await
    };
    look(read()).await.waits(&["duplex read"]);
    far.write_u8(1).await.unwrap();
    look(read()).await.is_silent();
}

#[cfg(unix)]
mod unix {
    use tokio::net::unix::pipe;
    use tokio::net::{UnixDatagram, UnixListener, UnixStream};
    use tokio::process::Command;
    use tokio::signal::unix::{SignalKind, signal};

    use super::*;

    #[tokio::test]
    async fn unix_read() {
        let (mut near, _far) = UnixStream::pair().unwrap();
        let polled = look(async {
            await_below();
            near.read_u8().await
        });
        polled.await.waits(&["unix read|I/O read"]);
    }

    #[tokio::test]
    async fn unix_write() {
        let (mut near, _far) = UnixStream::pair().unwrap();
        near.writable().await.unwrap();
        while near.try_write(&[0; 65536]).is_ok() {}
        let polled = look(async {
            await_below();
            near.write_all(&[0; 65536]).await
        });
        polled.await.waits(&["unix write|I/O write"]);
    }

    #[tokio::test]
    async fn unix_accept() {
        let path = std::env::temp_dir().join(format!("leakguard-{}.sock", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let listener = UnixListener::bind(&path).unwrap();
        let polled = look(async {
            await_below();
            listener.accept().await
        });
        polled.await.waits(&["unix accept"]);
        std::fs::remove_file(&path).unwrap();
    }

    #[tokio::test]
    async fn unix_datagram() {
        let (near, _far) = UnixDatagram::pair().unwrap();
        let polled = look(async {
            await_below();
            near.recv(&mut [0]).await
        });
        polled.await.waits(&["unix datagram"]);
    }

    #[tokio::test]
    async fn pipe_read() {
        let (_writer, mut reader) = pipe::pipe().unwrap();
        let polled = look(async {
            await_below();
            reader.read_u8().await
        });
        polled.await.waits(&["pipe read|I/O read"]);
    }

    #[tokio::test]
    async fn process_wait() {
        let mut child = Command::new("sleep").arg("1000").kill_on_drop(true).spawn().unwrap();
        let polled = look(async {
            await_below();
            child.wait().await
        });
        let polled = polled.await;
        child.kill().await.unwrap();
        // tokio watches a child through a descriptor or through a signal, by kernel and version, so the count varies.
        assert!(polled.stacks.iter().all(|stack| stack.wait().words() == "process wait"));
        assert!(polled.stacks.iter().all(|stack| place(stack) == polled.awaits[0]));
        assert!(!polled.stacks.is_empty());
    }

    #[tokio::test]
    async fn os_signal() {
        let mut signals = signal(SignalKind::user_defined1()).unwrap();
        let polled = look(async {
            await_below();
            signals.recv().await
        });
        polled.await.waits(&["signal"]);
    }
}
