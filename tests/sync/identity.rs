//! In builds that do not watch, every twin is its original: tokio's in `leakguard::sync` and `task`, std's in
//! `sync::blocking` and `thread`, and parking_lot's in `sync::parking_lot`.

use std::any::{TypeId, type_name_of_val};

macro_rules! same_types {
    ($theirs:path: $($names:tt)*) => {
        same_types!($theirs, leakguard::sync: $($names)*)
    };
    ($theirs:path, $ours:path: $({ $($name:tt)+ })*) => {
        $({
            use $ours as ours;
            use $theirs as theirs;
            assert_eq!(
                TypeId::of::<ours::$($name)+>(),
                TypeId::of::<theirs::$($name)+>(),
            );
        })*
    };
}

#[test]
fn types_are_those_of_tokio() {
    same_types!(tokio::sync:
        { mpsc::Sender<u8> }
        { mpsc::Receiver<u8> }
        { mpsc::WeakSender<u8> }
        { mpsc::Permit<'static, u8> }
        { mpsc::PermitIterator<'static, u8> }
        { mpsc::OwnedPermit<u8> }
        { mpsc::UnboundedSender<u8> }
        { mpsc::UnboundedReceiver<u8> }
        { mpsc::WeakUnboundedSender<u8> }
        { mpsc::error::SendError<u8> }
        { oneshot::Sender<u8> }
        { oneshot::Receiver<u8> }
        { oneshot::error::RecvError }
        { broadcast::Sender<u8> }
        { broadcast::Receiver<u8> }
        { broadcast::WeakSender<u8> }
        { watch::Sender<u8> }
        { watch::Receiver<u8> }
        { watch::Ref<'static, u8> }
        { Mutex<u8> }
        { MutexGuard<'static, u8> }
        { OwnedMutexGuard<u8> }
        { MappedMutexGuard<'static, u8> }
        { OwnedMappedMutexGuard<u8, u8> }
        { RwLock<u8> }
        { RwLockReadGuard<'static, u8> }
        { RwLockWriteGuard<'static, u8> }
        { RwLockMappedWriteGuard<'static, u8> }
        { OwnedRwLockReadGuard<u8> }
        { OwnedRwLockWriteGuard<u8> }
        { OwnedRwLockMappedWriteGuard<u8, u8> }
        { Semaphore }
        { SemaphorePermit<'static> }
        { OwnedSemaphorePermit }
        { AcquireError }
        { TryAcquireError }
        { TryLockError }
        { Notify }
        { futures::Notified<'static> }
        { futures::OwnedNotified }
        { Barrier }
        { BarrierWaitResult }
        { OnceCell<u8> }
        { SetError<u8> }
        { SetOnce<u8> }
        { SetOnceError<u8> }
    );
    same_types!(tokio::task, leakguard::task:
        { AbortHandle }
        { Id }
        { JoinError }
        { JoinHandle<u8> }
        { JoinSet<u8> }
        { LocalSet }
    );
    same_types!(tokio::runtime, leakguard::runtime:
        { Builder }
        { Handle }
        { LocalRuntime }
        { Runtime }
    );
    same_types!(tokio_util::sync:
        { CancellationToken }
        { DropGuard }
        { DropGuardRef<'static> }
        { WaitForCancellationFuture<'static> }
        { WaitForCancellationFutureOwned }
    );
}

#[test]
fn types_are_those_of_std() {
    same_types!(std::sync, leakguard::sync::blocking:
        { Arc<u8> }
        { Barrier }
        { BarrierWaitResult }
        { Condvar }
        { LazyLock<u8> }
        { LockResult<u8> }
        { Mutex<u8> }
        { MutexGuard<'static, u8> }
        { Once }
        { OnceLock<u8> }
        { PoisonError<u8> }
        { RwLock<u8> }
        { RwLockReadGuard<'static, u8> }
        { RwLockWriteGuard<'static, u8> }
        { TryLockError<u8> }
        { WaitTimeoutResult }
        { Weak<u8> }
        { atomic::AtomicU8 }
        { mpsc::IntoIter<u8> }
        { mpsc::Iter<'static, u8> }
        { mpsc::Receiver<u8> }
        { mpsc::RecvError }
        { mpsc::RecvTimeoutError }
        { mpsc::SendError<u8> }
        { mpsc::Sender<u8> }
        { mpsc::SyncSender<u8> }
        { mpsc::TryIter<'static, u8> }
        { mpsc::TryRecvError }
        { mpsc::TrySendError<u8> }
    );
    same_types!(std::thread, leakguard::thread:
        { Builder }
        { JoinHandle<u8> }
        { Scope<'static, 'static> }
        { ScopedJoinHandle<'static, u8> }
        { Thread }
        { ThreadId }
    );
}

#[test]
fn types_are_those_of_parking_lot() {
    same_types!(parking_lot, leakguard::sync::parking_lot:
        { Condvar }
        { FairMutex<u8> }
        { FairMutexGuard<'static, u8> }
        { MappedFairMutexGuard<'static, u8> }
        { MappedMutexGuard<'static, u8> }
        { MappedReentrantMutexGuard<'static, u8> }
        { MappedRwLockReadGuard<'static, u8> }
        { MappedRwLockWriteGuard<'static, u8> }
        { Mutex<u8> }
        { MutexGuard<'static, u8> }
        { Once }
        { OnceState }
        { RawMutex }
        { RawThreadId }
        { ReentrantMutex<u8> }
        { ReentrantMutexGuard<'static, u8> }
        { RwLock<u8> }
        { RwLockReadGuard<'static, u8> }
        { RwLockUpgradableReadGuard<'static, u8> }
        { RwLockWriteGuard<'static, u8> }
        { WaitTimeoutResult }
    );
}

#[test]
fn functions_are_those_of_tokio() {
    macro_rules! same {
        ($($($name:ident)::+),*) => {
            $(assert_eq!(
                type_name_of_val(&leakguard::sync::$($name)::+::<u8>),
                type_name_of_val(&tokio::sync::$($name)::+::<u8>),
            );)*
        };
    }
    same!(
        mpsc::channel,
        mpsc::unbounded_channel,
        oneshot::channel,
        broadcast::channel,
        watch::channel
    );
    type Ready = std::future::Ready<u8>;
    assert_eq!(
        type_name_of_val(&leakguard::task::spawn::<Ready>),
        type_name_of_val(&tokio::task::spawn::<Ready>),
    );
    assert_eq!(
        type_name_of_val(&leakguard::task::spawn_local::<Ready>),
        type_name_of_val(&tokio::task::spawn_local::<Ready>),
    );
    assert_eq!(
        type_name_of_val(&leakguard::task::spawn_blocking::<fn() -> u8, u8>),
        type_name_of_val(&tokio::task::spawn_blocking::<fn() -> u8, u8>),
    );
}
