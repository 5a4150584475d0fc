//! Reading all pages of an answer while the index may change under it.
//!
//! A page token belongs to one state of the index; when that is gone, the answer is ABORTED and has to be
//! read again from its first page.

use tonic::Code;

use crate::error::CliError;

/// How often an answer is begun anew before giving up.
const STARTS_MAX: usize = 10;

/// The largest page there is.
pub const PAGE_MAX: i32 = 1_000;

/// Runs something that reads page after page, again from the start if the index has changed meanwhile.
pub async fn from_the_start<T>(mut read: impl AsyncFnMut() -> Result<T, CliError>) -> Result<T, CliError> {
    for _ in 1..STARTS_MAX {
        match read().await {
            Err(error) if is_index_changed(&error) => {}
            done => return done,
        }
    }
    read().await
}

fn is_index_changed(error: &CliError) -> bool {
    matches!(error, CliError::Client(error) if error.code() == Some(Code::Aborted))
}
