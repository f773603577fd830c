//! A fragment of `macro_rules!` stays in one piece, although rustc ignores the group around it where an attribute prints it.
#![deny(warnings)]

use std::fmt::{Debug, Display};

/// Two functions with the same body, one of them annotated.
macro_rules! pair {
    ($plain:ident, $watched:ident, $ty:ty, $body:block) => {
        async fn $plain() -> $ty $body
        #[leakguard::must_terminate]
        async fn $watched() -> $ty $body
    };
}

macro_rules! operators {
    ($plain:ident, $watched:ident, $sum:expr, $negative:literal, $cast:expr) => {
        pair!($plain, $watched, Vec<i64>, {
            let first = std::future::ready($sum * 2).await;
            let closure = |factor: i64| factor * $sum;
            let nested = async { tokio::spawn(async { $sum * 2 }).await.unwrap() };
            assert_eq!($sum * 2, 6);
            assert!($cast < 5, "{}", $cast);
            let listed = vec![$sum * 2, ($sum * 3), $sum];
            let selected = tokio::select! {
                biased;
                seen = std::future::ready($sum * 2), if $sum * 2 == 6 => seen + ($sum * 2),
            };
            let text = format!("{} {}", $sum * 2, stringify!($sum)).len() as i64;
            let [sum, sixth] = [[0; $sum * 2].len() as i64, listed[$sum as usize - 1]];
            vec![
                first,
                closure(2),
                nested.await,
                selected,
                text,
                sum,
                sixth,
                -$sum,
                $sum as i64,
                i64::pow($sum, 2),
                $negative.pow(2),
                $negative,
                ($sum..9).count() as i64,
            ]
        });
    };
}

operators!(plain_operators, operators, 1 + 2, -3_i64, 3_i32 as i64);

#[tokio::test]
async fn operators_take_the_whole_fragment() {
    let expected = plain_operators().await;
    assert_eq!(expected[..2], [6, 6]);
    assert_eq!(operators().await, expected);
}

struct Holder {
    double: fn(u8) -> u8,
    count: u8,
}

impl Holder {
    fn double(&self, _: u8) -> u8 {
        unreachable!("the field is meant")
    }
}

macro_rules! callees {
    ($plain:ident, $watched:ident, $holder:ident, $field:expr, $closure:expr, $place:expr, $struct:expr) => {
        pair!($plain, $watched, Vec<u8>, {
            let mut $holder = Holder { double: |n| n * 2, count: 1 };
            let mut seen = vec![$field(4), $closure(4)];
            $place += 3;
            if $struct.count == 9 {
                seen.push($struct.double(0));
            }
            match $struct {
                Holder { count, .. } => seen.push(count),
            }
            seen.push($holder.count);
            seen
        });
    };
}

// The field is called, not the method of the same name.
callees!(
    plain_callees,
    callees,
    h,
    h.double,
    |n: u8| n + 1,
    *(&mut h.count),
    Holder { double: |n| n, count: 7 }
);

#[tokio::test]
async fn fragments_are_called_assigned_and_matched() {
    assert_eq!(plain_callees().await, [8, 5, 7, 4]);
    assert_eq!(callees().await, [8, 5, 7, 4]);
}

macro_rules! statements {
    ($plain:ident, $watched:ident, $block:expr, $last:expr, $statement:stmt) => {
        pair!($plain, $watched, i32, {
            $statement
            $block;
            let sum = $block + 1;
            sum + $last
        });
    };
}

statements!(
    plain_statements,
    statements,
    match 2 {
        2 => 20,
        _ => 0,
    },
    if true { 1 } else { 2 },
    let _ = 1
);

#[tokio::test]
async fn blocks_are_operands_and_statements() {
    assert_eq!((plain_statements().await, statements().await), (22, 22));
}

macro_rules! types {
    ($plain:ident, $watched:ident, $object:ty, $list:ty, $reference:ty) => {
        pair!($plain, $watched, String, {
            let text: &$object = &"text";
            let boxed: Box<$object> = Box::new(1);
            let mut list = <$list>::new();
            list.push(<$list as Default>::default().len());
            let reference: $reference = &list;
            format!(
                "{text} {boxed} {reference:?} {}",
                size_of::<$reference>() == size_of::<&$object>()
            )
        });
    };
}

trait Shown: Debug + Display {}
impl<T: Debug + Display> Shown for T {}

types!(plain_types, types, dyn Shown + Sync, Vec<usize>, &Vec<usize>);

#[tokio::test]
async fn types_stay_whole() {
    assert_eq!(plain_types().await, "text 1 [0] false");
    assert_eq!(types().await, "text 1 [0] false");
}

macro_rules! methods {
    ($name:ident, $sum:expr) => {
        struct $name;
        #[leakguard::track]
        impl $name {
            const SIZE: usize = $sum * 2;
            const fn constant() -> usize {
                $sum * 2
            }
            fn spawns() -> usize {
                std::thread::spawn(|| $sum * 2).join().unwrap() + $sum * 2
            }
        }
    };
}

methods!(Methods, 1 + 2);

#[test]
fn methods_and_constants_take_the_whole_fragment() {
    assert_eq!([Methods::SIZE, Methods::constant(), Methods::spawns()], [6, 6, 12]);
}

macro_rules! futures {
    ($watched:ident, $future:expr, $closure:expr) => {
        #[leakguard::must_terminate]
        async fn $watched() -> u8 {
            let job = tokio::task::spawn_blocking($closure);
            tokio::spawn($future).await.unwrap() + job.await.unwrap() + $future.await
        }
    };
}

futures!(futures, async { 1 }, || 2);

#[tokio::test]
async fn futures_and_jobs_are_watched() {
    assert_eq!(futures().await, 4);
}
