//! The attributes do not change what a user's code does. Each file holds cases that once broke, or could break.
#![allow(clippy::all, reason = "odd forms are what is tested")]

mod attributes;
mod channel_forms;
mod channels;
mod durations;
mod fragments;
mod functions;
mod lifetimes;
mod observed;
mod other_tokio;
mod outputs;
mod places;
mod results;
mod sends;
mod spawns;
