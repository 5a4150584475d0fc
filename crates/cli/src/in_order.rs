//! Work on many items by several threads, with the results in the order of the items.
//!
//! Item k goes to thread k modulo n over a short queue, and results are collected in the same turn, so that
//! order needs no sorting and memory holds a few items for each thread, however many there are.

use std::sync::mpsc::sync_channel;
use std::thread;

/// Items that wait for each thread, and results that wait from each.
const WAITING: usize = 2;

/// Gives `finish` the result of `work` on each item, in order. Ends early if `finish` fails.
pub fn in_order<T, R, E>(
    items: impl Iterator<Item = T> + Send,
    threads: usize,
    work: impl Fn(T) -> R + Sync,
    mut finish: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E>
where
    T: Send,
    R: Send,
{
    let work = &work;
    thread::scope(|scope| {
        let mut queues = Vec::new();
        let mut results = Vec::new();
        for _ in 0..threads.max(1) {
            let (queue, waiting) = sync_channel::<T>(WAITING);
            let (done, result) = sync_channel::<R>(WAITING);
            queues.push(queue);
            results.push(result);
            scope.spawn(move || {
                for item in waiting {
                    if done.send(work(item)).is_err() {
                        break;
                    }
                }
            });
        }
        scope.spawn(move || {
            for (item, queue) in items.zip(queues.iter().cycle()) {
                if queue.send(item).is_err() {
                    break;
                }
            }
        });
        for result in results.iter().cycle() {
            // The first thread without a result in its turn has seen the end.
            let Ok(result) = result.recv() else { break };
            finish(result)?;
        }
        Ok(())
    })
}

/// As many threads as the machine has processors.
pub fn available_threads() -> usize {
    thread::available_parallelism().map_or(1, Into::into)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn results_come_in_the_order_of_the_items(count in 0_u32..200, threads in 0_usize..6) {
            let mut results = Vec::new();
            let work = |item: u32| (0..item % 7).fold(item * 2, |sum, _| std::hint::black_box(sum));
            in_order(0..count, threads, work, |result| { results.push(result); Ok::<_, ()>(()) }).unwrap();
            prop_assert_eq!(results, (0..count).map(|item| item * 2).collect::<Vec<_>>());
        }

        #[test]
        fn a_failure_ends_the_work(fail_at in 0_u32..50, threads in 1_usize..4) {
            let mut finished = 0;
            let result = in_order(0_u32.., threads, |item| item, |item| {
                finished += 1;
                if item == fail_at { Err(item) } else { Ok(()) }
            });
            prop_assert_eq!((result, finished), (Err(fail_at), fail_at + 1));
        }
    }
}
