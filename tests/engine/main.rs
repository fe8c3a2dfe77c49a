//! The program against a real engine: a private one, which all tests of this process share. Each test has a project, and
//! container names and host ports of its own. `EVENKEEL_LAB_KIND` names another engine than Docker 20.10.

mod adopt;
mod attributes;
mod away;
mod conflicts;
mod destroy;
mod drift;
mod examples;
mod faults;
mod first;
mod ignore;
mod killed;
mod networks;
mod no_systemd;
mod podman;
mod proxied;
mod reads;
mod recreate;
mod restarts;
mod support;
mod two_at_once;
mod volumes;
mod watch;
