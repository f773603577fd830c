//! Chooses by type what a rewritten constructor does with the channel that it has created.

use crate::record::resource::channel::ChannelRule;
use crate::sync as twin;
use crate::sync::type_of::TypeOf;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

/// Not public API. Used by generated code: returns `pair`, so that the type that the caller expects still reaches the
/// constructor.
pub fn inspect<P>(pair: P, look: impl FnOnce(&P)) -> P {
    look(&pair);
    pair
}

/// The choices. rustc tries those with more `&` first. None of them has a bound on the type of the messages, which may
/// not be known yet.
pub mod channel_tags {
    use super::*;

    /// A channel whose endpoints may get another type. There is a trait for each kind. Generated code imports those whose
    /// endpoints the function uses only in ways that a drop-in allows.
    pub mod kind {
        use super::*;

        macro_rules! kinds {
            ($($kind:ident)*) => {$(
                /// Channels of one kind.
                pub trait $kind<P> {
                    /// The endpoints.
                    type Twin;
                    /// Instruments a channel of tokio's, which `rule` watches.
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

                // The user has written the drop-in.
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

    /// A channel whose endpoints keep their types.
    pub trait WatchTwin<P> {
        /// `rule` watches a drop-in.
        fn leakguard_watch(&self, pair: &P, rule: &'static ChannelRule);
    }

    /// Any other type stays as it is.
    pub trait KeepPlain<P> {
        /// Returns `pair`.
        fn leakguard_adopt(&self, pair: P, _: &'static ChannelRule) -> P {
            pair
        }
        /// Does nothing.
        fn leakguard_watch(&self, _: &P, _: &'static ChannelRule) {}
    }
    impl<P> KeepPlain<P> for TypeOf<P> {}
}
