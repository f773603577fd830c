//! What the attributes do to a user's code: nothing that shows. Each file holds what once broke, or could.
#![allow(clippy::all, reason = "odd forms are what is tested")]

mod attributes;
mod functions;
mod lifetimes;
mod outputs;
mod places;
mod spawns;
