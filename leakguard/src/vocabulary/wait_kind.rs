//! Kinds of waits.

use std::fmt;

/// Defines [`WaitKind`] and the words for each variant.
macro_rules! wait_kinds {
    ($($variant:ident = $words:literal)*) => {
        /// What a task or a thread waits for, as [`Finding::wait`](crate::Finding::wait) returns it.
        ///
        /// Its `Display` gives the words of reports and dumps, such as `mpsc receive`.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum WaitKind {
            /// A wait that leakguard does not recognise, shown as `async wait`.
            #[default]
            Unknown,
            /// A thread that is not known to wait for anything, shown as `running`.
            Running,
            $(
                #[doc = concat!("Shown as `", $words, "`.")]
                $variant,
            )*
        }

        impl WaitKind {
            /// The words for it in reports.
            pub(crate) const fn words(self) -> &'static str {
                match self {
                    WaitKind::Unknown => "async wait",
                    WaitKind::Running => "running",
                    $(WaitKind::$variant => $words,)*
                }
            }
        }
    };
}

wait_kinds! {
    // A task that only let other tasks run first.
    Yield = "yield"
    // Channels.
    MpscReceive = "mpsc receive"
    MpscSend = "mpsc send"
    MpscClosed = "mpsc closed"
    OneshotReceive = "oneshot receive"
    OneshotClosed = "oneshot closed"
    BroadcastReceive = "broadcast receive"
    BroadcastClosed = "broadcast closed"
    WatchChange = "watch change"
    WatchClosed = "watch closed"
    FlumeReceive = "flume receive"
    FlumeSend = "flume send"
    FlumeChannel = "flume channel"
    AsyncChannelReceive = "async-channel receive"
    AsyncChannelSend = "async-channel send"
    AsyncChannelClosed = "async-channel closed"
    AsyncChannel = "async-channel"
    FuturesChannelReceive = "futures channel receive"
    FuturesChannelSend = "futures channel send"
    FuturesOneshot = "futures oneshot"
    CrossbeamReceive = "crossbeam receive"
    CrossbeamSend = "crossbeam send"
    CrossbeamChannel = "crossbeam channel"
    StdChannelReceive = "std channel receive"
    StdChannelSend = "std channel send"
    StdChannel = "std channel"
    DuplexRead = "duplex read"
    DuplexWrite = "duplex write"
    TowerBuffer = "tower buffer"
    // Locks and permits.
    MutexLock = "mutex lock"
    RwLockRead = "rwlock read"
    RwLockWrite = "rwlock write"
    RwLock = "rwlock"
    Lock = "lock"
    OnceCell = "once cell"
    SemaphoreAcquire = "semaphore acquire"
    ParkingLotMutexLock = "parking_lot mutex lock"
    ParkingLotRwLock = "parking_lot rwlock"
    StdMutexLock = "std mutex lock"
    StdRwLockRead = "std rwlock read"
    StdRwLockWrite = "std rwlock write"
    // Calls by another task or thread that carry no value.
    Notified = "notified"
    EventListener = "event listener"
    Cancellation = "cancellation"
    Barrier = "barrier"
    StdBarrier = "std barrier"
    Condvar = "condvar"
    ThreadPark = "thread park"
    // Other tasks and threads.
    Join = "join"
    JoinSet = "join set"
    TaskTracker = "task tracker"
    SharedFuture = "shared future"
    FuturesUnordered = "futures unordered"
    LocalSet = "local set"
    BlockOn = "block_on"
    RuntimeShutdown = "runtime shut-down"
    ThreadJoin = "thread join"
    ThreadScope = "thread scope"
    // Timers.
    Sleep = "sleep"
    Timeout = "timeout"
    IntervalTick = "interval tick"
    DelayQueue = "delay queue"
    ThreadSleep = "thread sleep"
    // Input and output.
    TcpAccept = "tcp accept"
    TcpConnect = "tcp connect"
    TcpSocket = "tcp socket"
    SocketRead = "socket read"
    SocketWrite = "socket write"
    UdpReceive = "udp receive"
    UdpSend = "udp send"
    Udp = "udp"
    UnixAccept = "unix accept"
    UnixConnect = "unix connect"
    UnixRead = "unix read"
    UnixWrite = "unix write"
    UnixDatagram = "unix datagram"
    UnixSocket = "unix socket"
    PipeRead = "pipe read"
    PipeWrite = "pipe write"
    BlockingSocket = "blocking socket"
    IoRead = "I/O read"
    IoWrite = "I/O write"
    Io = "I/O"
    BlockingIo = "blocking I/O"
    File = "file"
    ProcessWait = "process wait"
    Signal = "signal"
    HttpRequest = "http request"
    HttpBody = "http body"
}

impl fmt::Display for WaitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words())
    }
}
