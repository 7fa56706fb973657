//! What `khien push` sends: files cut into parts that a centre reads one by one.

pub(crate) mod parts;
