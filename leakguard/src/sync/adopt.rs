//! Chooses by its type what becomes of the channel that a rewritten constructor made.

use crate::record::resource::channel::ChannelRule;
use crate::sync as twin;
use std::marker::PhantomData;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

/// Carries the type of what a constructor gave.
#[derive(Debug)]
pub struct Made<P>(PhantomData<fn() -> P>);

/// Not public API. Used by generated code.
pub fn created<P>(_: &P) -> Made<P> {
    Made(PhantomData)
}

/// Not public API. Used by generated code: as `pair`, and what the caller expects of its type is still known where it
/// is made.
pub fn seen<P>(pair: P, see: impl FnOnce(&P)) -> P {
    see(&pair);
    pair
}

/// The choices, in the order in which they are tried: the more `&`, the earlier. None of them asks
/// anything of the messages, whose type may not be known yet.
pub mod made_tags {
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
                type Pair<T> = ($original::$sender<T>, $original::$receiver<T>);
                type Twins<T> = (twin::$original::$sender<T>, twin::$original::$receiver<T>);

                impl<T> kind::$kind<Pair<T>> for &Made<Pair<T>> {
                    type Twin = Twins<T>;
                    #[track_caller]
                    fn leakguard_adopt(
                        &self,
                        pair: Pair<T>,
                        rule: &'static ChannelRule,
                    ) -> Twins<T> {
                        let pair = $adopt(pair);
                        pair.1.context(rule);
                        pair
                    }
                }

                // The user wrote it already.
                impl<T> kind::$kind<Twins<T>> for &Made<Twins<T>> {
                    type Twin = Twins<T>;
                    fn leakguard_adopt(
                        &self,
                        pair: Twins<T>,
                        rule: &'static ChannelRule,
                    ) -> Twins<T> {
                        pair.1.context(rule);
                        pair
                    }
                }

                impl<T> Watch<Twins<T>> for &Made<Twins<T>> {
                    fn leakguard_watch(&self, pair: &Twins<T>, rule: &'static ChannelRule) {
                        pair.1.context(rule);
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
    pub trait Watch<P> {
        /// One of leakguard's own is watched by `rule`.
        fn leakguard_watch(&self, pair: &P, rule: &'static ChannelRule);
    }

    /// Everything else stays what it is.
    pub trait Stay<P> {
        /// Hands it on.
        fn leakguard_adopt(&self, pair: P, _: &'static ChannelRule) -> P {
            pair
        }
        /// Leaves it be.
        fn leakguard_watch(&self, _: &P, _: &'static ChannelRule) {}
    }
    impl<P> Stay<P> for Made<P> {}
}
