//! The methodology of counting: articles divided into exact parts, and what is asked of them.
