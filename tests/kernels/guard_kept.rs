//! Guards that outlive the function that acquired them. Dropping such a guard would release the lock.

use super::sync::{Mutex, OwnedMutexGuard};
use crate::kernel::Cause::LeftBehind;
use crate::kernel::{Kernel, LG001, LG002, body, form, task, with};
use crate::row::{Row, rows};
use leakguard::track;
use std::sync::Arc;

rows! { grpc_3017 moby_17176 }

// The timer's callback returned early and left its lock locked.
#[track]
mod grpc_3017 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "grpc#3017",
        leaking: form!(leaking),
        finds: &[body(""), with("next")],
        expected: (LG001, LeftBehind),
        silent: &[form!(mended), form!(saved)],
    };

    #[derive(Default)]
    struct Cache {
        connections: Arc<Mutex<u32>>,
        kept: std::sync::Mutex<Option<OwnedMutexGuard<u32>>>,
    }

    async fn expire(cache: Arc<Cache>) {
        let connections = cache.connections.clone().lock_owned().await;
        if *connections == 0 {
            *cache.kept.lock().unwrap() = Some(connections);
        }
    }

    async fn expire_saved(cache: Arc<Cache>) {
        let mut connections = cache.connections.lock().await;
        if *connections == 0 {
            return;
        }
        *connections -= 1;
    }

    async fn add(cache: &Cache) {
        *cache.connections.lock().await += 1; // wait
    }

    async fn leaking() {
        let cache = Arc::new(Cache::default());
        tokio::spawn(expire(cache.clone())).await.unwrap();
        let other = cache.clone();
        tokio::spawn(async move { add(&other).await }); // spawn: next
        add(&cache).await;
    }

    async fn mended() {
        let cache = Arc::new(Cache::default());
        tokio::spawn(expire(cache.clone())).await.unwrap();
        cache.kept.lock().unwrap().take();
        let other = cache.clone();
        tokio::spawn(async move { add(&other).await });
        add(&cache).await;
    }

    async fn saved() {
        let cache = Arc::new(Cache::default());
        tokio::spawn(expire_saved(cache.clone())).await.unwrap();
        add(&cache).await;
    }
}

// `delete` returned before it unlocked if a device was busy.
#[track]
mod moby_17176 {
    use super::*;

    pub const KERNEL: Kernel = Kernel {
        row: "moby#17176",
        leaking: form!(leaking),
        finds: &[task(LG002, "")],
        expected: (LG002, LeftBehind),
        silent: &[form!(mended), form!(saved)],
    };

    type Devices = Arc<Mutex<Vec<u32>>>;

    async fn delete(devices: Devices) {
        let guard = devices.lock_owned().await;
        if guard.is_empty() {
            std::mem::forget(guard);
        }
    }

    async fn delete_mended(devices: Devices) {
        let guard = devices.lock_owned().await;
        if guard.is_empty() {
            drop(guard);
        }
    }

    async fn delete_saved(devices: Devices) {
        let mut guard = devices.lock_owned().await;
        if guard.is_empty() {
            return;
        }
        guard.clear();
    }

    async fn create(devices: Devices) {
        devices.lock().await.push(1); // wait
    }

    async fn leaking() {
        let devices = Devices::default();
        tokio::spawn(delete(devices.clone())).await.unwrap();
        tokio::spawn(create(devices)); // spawn
    }

    async fn mended() {
        let devices = Devices::default();
        tokio::spawn(delete_mended(devices.clone())).await.unwrap();
        tokio::spawn(create(devices));
    }

    async fn saved() {
        let devices = Devices::default();
        tokio::spawn(delete_saved(devices.clone())).await.unwrap();
        tokio::spawn(create(devices));
    }
}
