//! One file a subject; each contract runs on every database.

mod alerts;
mod audit;
mod detections;
mod holds;
mod intake;
mod jobs;
mod people;
mod register;
mod sources;
mod start;
mod suppressions;
mod tokens;
