//! Hostile text in every place where somebody else can write, and on every way out of the program.
//!
//! `strings` is the table, `estate` puts a text into names, tags, descriptions and AWS's refusals.
//! `border` holds what makes it harmless against the table, `screens` walks through the console with
//! each text, `commands` lets every command print it, and `program` starts the program itself.

mod border;
mod commands;
mod estate;
mod program;
mod recorded;
mod screen;
mod screens;
mod strings;
mod walk;
