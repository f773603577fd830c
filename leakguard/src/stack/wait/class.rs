//! What can end a wait of each kind.

use crate::vocabulary::WaitKind;

/// What can end a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// The holder of the lock or the permit.
    Lock,
    /// The other half of a channel.
    Channel,
    /// The clock.
    Timer,
    /// The world outside: a peer, a file, a child process, a signal of the operating system.
    Io,
    /// Another task.
    Join,
    /// A call by another task, without a value: a notification, a cancellation, a barrier.
    Signal,
    /// Nothing: the task only let others go first.
    Yield,
    /// Unknown.
    Other,
}

impl WaitKind {
    /// What can end this wait.
    #[rustfmt::skip]
    pub(crate) fn class(self) -> Class {
        use WaitKind as W;
        match self {
            W::MpscReceive | W::MpscSend | W::MpscClosed | W::OneshotReceive | W::OneshotClosed
            | W::BroadcastReceive | W::BroadcastClosed | W::WatchChange | W::WatchClosed | W::FlumeReceive
            | W::FlumeSend | W::FlumeChannel | W::AsyncChannelReceive | W::AsyncChannelSend
            | W::AsyncChannelClosed | W::AsyncChannel | W::FuturesChannelReceive | W::FuturesChannelSend
            | W::FuturesOneshot | W::CrossbeamReceive | W::CrossbeamSend | W::CrossbeamChannel
            | W::StdChannelReceive | W::StdChannelSend | W::StdChannel | W::TowerBuffer => Class::Channel,
            W::MutexLock | W::RwLockRead | W::RwLockWrite | W::RwLock | W::Lock | W::OnceCell
            | W::SemaphoreAcquire | W::ParkingLotMutexLock | W::ParkingLotRwLock | W::StdMutexLock
            | W::StdRwLockRead | W::StdRwLockWrite => Class::Lock,
            W::Notified | W::EventListener | W::Cancellation | W::Barrier | W::StdBarrier | W::Condvar
            | W::ThreadPark => Class::Signal,
            W::Join | W::JoinSet | W::TaskTracker | W::SharedFuture | W::FuturesUnordered | W::LocalSet
            | W::BlockOn | W::RuntimeShutdown | W::ThreadJoin | W::ThreadScope => Class::Join,
            W::Sleep | W::Timeout | W::IntervalTick | W::DelayQueue | W::ThreadSleep => Class::Timer,
            W::TcpAccept | W::TcpConnect | W::TcpSocket | W::SocketRead | W::SocketWrite | W::UdpReceive
            | W::UdpSend | W::Udp | W::UnixAccept | W::UnixConnect | W::UnixRead | W::UnixWrite
            | W::UnixDatagram | W::UnixSocket | W::PipeRead | W::PipeWrite | W::BlockingSocket | W::IoRead
            | W::IoWrite | W::Io | W::BlockingIo | W::File | W::ProcessWait | W::Signal | W::HttpRequest
            | W::HttpBody | W::DuplexRead | W::DuplexWrite => Class::Io,
            W::Yield => Class::Yield,
            W::Unknown | W::Running => Class::Other,
        }
    }
}
