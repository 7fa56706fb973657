//! The console over HTTP: people sign in, open pages and send forms as browsers do.

mod assurance;
mod certificates;
mod controls;
mod custody;
mod documents;
mod doors;
mod dossiers;
mod gate;
mod guard;
mod index;
mod leaks;
mod leavers;
mod lists;
mod marks;
mod overview;
mod points;
mod register;
mod rooms;
mod rules;
pub(crate) mod support;
mod tasks;
mod typed;
mod verified;
