//! What the attributes do to a user's code: nothing that shows. Each file holds what once broke, or could.
#![allow(clippy::all, reason = "odd forms are what is tested")]

mod attributes;
mod channel_forms;
mod channels;
mod durations;
mod functions;
mod lifetimes;
mod observed;
mod outputs;
mod places;
mod results;
mod spawns;
