//! What people do behind our back is seen, undone, and then the plan is empty again.

use evenkeel::engine::{
    EngineError,
    simulated::{Allowed, ImageSpec, World, violations},
};
use serde_json::json;

use crate::ground::{PROFILES, Settled, desired, engine, planned, runtime, settles};

const FILE: &str = "project: shop
containers:
  web:
    image: rich:1
    networks: { front: { aliases: [www] }, back: {} }
    restart: always
    mem_limit: 64m
    volumes: ['data:/var/lib/web']
  db: { image: busybox, networks: [back] }
networks:
  front: {}
  back: { ipam: { config: [ { subnet: 10.77.0.0/24 } ] } }
volumes: { data: {} }
";

type Deed = fn(&mut World) -> Result<(), EngineError>;

/// What people do, by name.
const DEEDS: &[(&str, Deed)] = &[
    ("stop", |world| world.docker_stop("web")),
    ("kill", |world| world.docker_kill("web")),
    ("pause", |world| world.docker_pause("web")),
    ("rm", |world| world.docker_rm("web")),
    ("rename", |world| world.docker_rename("web", "mine")),
    ("update of memory", |world| {
        world.docker_update(
            "web",
            &json!({"Memory": 134_217_728, "MemorySwap": 268_435_456}),
        )
    }),
    ("update of the restart policy", |world| {
        world.docker_update("web", &json!({"RestartPolicy": {"Name": "no"}}))
    }),
    ("update of a limit that was not set", |world| {
        world.docker_update("db", &json!({"CpuShares": 100}))
    }),
    ("connect to one more", |world| {
        world.docker_connect("bridge", "web", &json!({}))
    }),
    ("disconnect", |world| {
        world.docker_disconnect("shop_front", "web")
    }),
    ("disconnect from all", |world| {
        world.docker_disconnect("shop_front", "web")?;
        world.docker_disconnect("shop_back", "web")
    }),
    ("an alias lost", |world| {
        world.docker_disconnect("shop_front", "web")?;
        world.docker_connect("shop_front", "web", &json!({}))
    }),
    ("a tag moved", |world| {
        world.docker_tag("rich:1", &ImageSpec::default().build(9));
        Ok(())
    }),
    ("a network deleted", |world| {
        world.docker_network_rm("shop_front")
    }),
    ("a network deleted under a stopped container", |world| {
        world.docker_stop("db")?;
        world.docker_stop("web")?;
        world.docker_network_rm("shop_back")
    }),
];

#[test]
fn each_deed_is_seen_and_undone() {
    let mut faults = Vec::new();
    let wanted = desired(FILE).expect("sound");
    for profile in PROFILES {
        for (what, deed) in DEEDS {
            let result: Result<(), String> = runtime().block_on(async {
                let engine = engine(*profile);
                if settles(&engine, &wanted, FILE).await? != Settled::Yes {
                    return Err("it was refused".into());
                }
                engine.hands(*deed).map_err(|failure| failure.to_string())?;
                if planned(&engine, &wanted).await.is_empty() {
                    return Err("it is not seen".into());
                }
                if settles(&engine, &wanted, FILE).await? != Settled::Yes {
                    return Err("its undoing was refused".into());
                }
                let wrong = engine.look(|world| violations(world, "shop", &Allowed::default()));
                if wrong.is_empty() {
                    Ok(())
                } else {
                    Err(wrong.join(", "))
                }
            });
            if let Err(fault) = result {
                faults.push(format!("API {:?}, {what}: {fault}", profile.api));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n\n")
    );
}
