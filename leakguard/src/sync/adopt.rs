//! Chooses by its type what becomes of the channel that a rewritten constructor made.

use crate::record::resource::channel::ChannelRule;
use crate::sync as twin;
use crate::sync::type_of::TypeOf;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

/// Not public API. Used by generated code: as `pair`, and what the caller expects of its type is still known where it
/// is made.
pub fn inspect<P>(pair: P, look: impl FnOnce(&P)) -> P {
    look(&pair);
    pair
}

/// The choices, in the order in which they are tried: the more `&`, the earlier. None of them asks
/// anything of the messages, whose type may not be known yet.
pub mod channel_tags {
    use super::*;

    /// A channel whose ends may get another type. There is a trait for each kind: generated code takes those for which
    /// the function makes no use of an end that a twin would not allow.
    pub mod kind {
        use super::*;

        macro_rules! kinds {
            ($($kind:ident)*) => {$(
                /// Channels of one kind.
                pub trait $kind<P> {
                    /// The endpoints.
                    type Twin;
                    /// A channel of tokio's becomes leakguard's, watched by `rule`.
                    fn leakguard_adopt(&self, pair: P, rule: &'static ChannelRule) -> Self::Twin;
                }
            )*};
        }
        kinds! { Mpsc UnboundedMpsc Oneshot Broadcast WatchValue }
    }

    macro_rules! adopt {
        ($($kind:ident by $adopt:path: $original:ident::$sender:ident, $receiver:ident;)*) => {$(
            const _: () = {
                type Originals<T> = ($original::$sender<T>, $original::$receiver<T>);
                type Twins<T> = (twin::$original::$sender<T>, twin::$original::$receiver<T>);

                impl<T> kind::$kind<Originals<T>> for &TypeOf<Originals<T>> {
                    type Twin = Twins<T>;
                    #[track_caller]
                    fn leakguard_adopt(
                        &self,
                        pair: Originals<T>,
                        rule: &'static ChannelRule,
                    ) -> Twins<T> {
                        let pair = $adopt(pair);
                        pair.1.set_rule(rule);
                        pair
                    }
                }

                // The user wrote it already.
                impl<T> kind::$kind<Twins<T>> for &TypeOf<Twins<T>> {
                    type Twin = Twins<T>;
                    fn leakguard_adopt(
                        &self,
                        pair: Twins<T>,
                        rule: &'static ChannelRule,
                    ) -> Twins<T> {
                        pair.1.set_rule(rule);
                        pair
                    }
                }

                impl<T> WatchTwin<Twins<T>> for &TypeOf<Twins<T>> {
                    fn leakguard_watch(&self, pair: &Twins<T>, rule: &'static ChannelRule) {
                        pair.1.set_rule(rule);
                    }
                }
            };
        )*};
    }

    adopt! {
        Mpsc by twin::mpsc::adopt_bounded: mpsc::Sender, Receiver;
        UnboundedMpsc by twin::mpsc::adopt_unbounded: mpsc::UnboundedSender, UnboundedReceiver;
        Oneshot by twin::oneshot::adopt: oneshot::Sender, Receiver;
        Broadcast by twin::broadcast::adopt: broadcast::Sender, Receiver;
        WatchValue by twin::watch::adopt: watch::Sender, Receiver;
    }

    /// A channel whose ends keep their types.
    pub trait WatchTwin<P> {
        /// One of leakguard's own is watched by `rule`.
        fn leakguard_watch(&self, pair: &P, rule: &'static ChannelRule);
    }

    /// Everything else stays what it is.
    pub trait KeepPlain<P> {
        /// Hands it on.
        fn leakguard_adopt(&self, pair: P, _: &'static ChannelRule) -> P {
            pair
        }
        /// Leaves it be.
        fn leakguard_watch(&self, _: &P, _: &'static ChannelRule) {}
    }
    impl<P> KeepPlain<P> for TypeOf<P> {}
}
