//! One page to read in a browser and to print.

use std::io::{self, Write};

use super::Options;
use crate::scan::spool::Spool;
use crate::scan::summary::Summary;

pub(crate) fn write(
    out: &mut dyn Write,
    spool: &mut Spool,
    summary: &Summary<'_>,
    options: &Options,
) -> io::Result<()> {
    let _ = (spool, summary, options);
    writeln!(out, "")
}
