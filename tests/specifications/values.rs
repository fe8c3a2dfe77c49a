//! Random values for attributes: the example, some that are worth a try, and what the form alone says is possible.

use evenkeel::model::{Attribute, Field, Form};
use proptest::{
    prelude::Rng as _,
    strategy::{Strategy as _, ValueTree as _},
    string::string_regex,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

/// Chance, the same for the same number.
pub struct Dice(TestRunner);

impl Dice {
    pub fn of(number: u64) -> Self {
        let mut seed = [7; 32];
        seed[..8].copy_from_slice(&number.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        Self(TestRunner::new_with_rng(Config::default(), rng))
    }

    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).expect("small");
        usize::try_from(self.0.rng().next_u64() % bound).expect("small")
    }

    pub fn one_in(&mut self, number: usize) -> bool {
        self.below(number) == 0
    }

    pub fn pick<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        &things[self.below(things.len())]
    }

    /// A text that a regular expression matches, if it is one that can be turned round.
    fn matching(&mut self, pattern: &str) -> Option<String> {
        let inner = pattern.strip_prefix('^').unwrap_or(pattern);
        let inner = inner.strip_suffix('$').unwrap_or(inner);
        let strategy = string_regex(inner).ok()?;
        Some(strategy.new_tree(&mut self.0).ok()?.current())
    }
}

/// Values that engines take and that a form alone would hardly ever hit upon.
const WORTH_A_TRY: &[(&str, &[&str])] = &[
    (
        "cap_add",
        &["[ALL]", "[SYS_TIME, cap_net_raw]", "[CAP_CHOWN]"],
    ),
    ("cgroup_parent", &["/evenkeel/random"]),
    (
        "command",
        &["[]", "sh -c 'echo $$HOME; sleep 60'", "[idle, \"\"]"],
    ),
    ("container_name", &["other", "web.1"]),
    ("cpu_quota", &["-1", "10ms"]),
    ("cpus", &["1", "0.25", "\"1.5\""]),
    ("cpuset", &["0-1", "\"0,1\""]),
    (
        "depends_on",
        &[
            "[db]",
            "{ db: { condition: service_started, required: false } }",
        ],
    ),
    (
        "devices",
        &[
            "[/dev/null]",
            "[\"/dev/zero:/dev/other\", \"/dev/null:/dev/nothing:r\"]",
        ],
    ),
    ("device_cgroup_rules", &["[\"c 1:* rmw\", \"b 8:0 r\"]"]),
    ("dns", &["10.0.0.1", "[10.0.0.2, \"2001:db8::1\"]"]),
    (
        "entrypoint",
        &["[]", "\"\"", "[\"\"]", "/bin/sh -c", "[env, A=1]"],
    ),
    (
        "env",
        &[
            "[A=1, B=, \"C=x=y\"]",
            "{ PATH: /bin, EMPTY: \"\", NUMBER: 7 }",
            "{ COLOR: \"two\\nlines\" }",
        ],
    ),
    ("expose", &["[80, \"53/udp\"]", "[\"7000-7003\"]"]),
    (
        "extra_hosts",
        &[
            "{ gate: host-gateway, six: \"2001:db8::9\" }",
            "[\"a=10.0.0.1\", \"b:10.0.0.2\"]",
        ],
    ),
    ("group_add", &["[root, 12]"]),
    (
        "healthcheck",
        &[
            "{ disable: true }",
            "{ test: \"exit 0\", retries: 5 }",
            "{ test: [CMD-SHELL, \"true || false\"], start_period: 3s, timeout: 2s }",
            "{ test: [NONE] }",
            "{ interval: 20s }",
        ],
    ),
    ("ipc", &["private", "none", "host"]),
    (
        "labels",
        &[
            "[com.example.a=1, com.example.b]",
            "{ from: file }",
            "{ com.example.text: \"a=b c\" }",
        ],
    ),
    (
        "logging",
        &[
            "{ driver: none }",
            "{ options: { max-file: \"3\" } }",
            "{ driver: local }",
        ],
    ),
    ("memory_reservation", &["16m"]),
    ("memswap_limit", &["256m", "0"]),
    ("memory", &["96mb", "0.1g", "33554432"]),
    ("mem_swappiness", &["0", "100", "-1"]),
    (
        "network_mode",
        &["host", "none", "bridge", "default", "\"service:db\""],
    ),
    (
        "networks",
        &[
            "[front]",
            "[back, front]",
            "{ front: { aliases: [a, b], ipv4_address: 10.213.0.77 }, back: {} }",
            "{ default: {}, front: { priority: 10 }, back: { priority: 100, aliases: [c] } }",
            "{ back: { driver_opts: { com.example.option: \"1\" } } }",
        ],
    ),
    ("oom_kill_disable", &["false"]),
    ("pid", &["\"service:db\""]),
    ("pids_limit", &["-1", "0", "50"]),
    (
        "ports",
        &[
            "[\"18080:80/udp\", \"127.0.0.1:18081:81\"]",
            "[\"80\"]",
            "[\"18080-18082:90-92\"]",
            "[{ target: 95, published: \"18083\", protocol: udp, host_ip: 127.0.0.1 }]",
            "[\"[::1]:18084:84\"]",
        ],
    ),
    (
        "restart",
        &["always", "on-failure", "\"on-failure:4\"", "\"no\""],
    ),
    ("secrets", &["[]"]),
    (
        "security_opt",
        &[
            "[seccomp=unconfined]",
            "[\"apparmor:unconfined\", \"no-new-privileges:true\"]",
            "[label=disable]",
        ],
    ),
    ("shm_size", &["1m", "67108864"]),
    ("stop_grace_period", &["1m30s", "10s", "0s", "1500ms"]),
    ("stop_signal", &["SIGINT", "9", "TERM", "RTMIN+3"]),
    (
        "sysctls",
        &[
            "[net.ipv4.ip_forward=1]",
            "{ net.ipv4.ip_unprivileged_port_start: 0, kernel.shm_rmid_forced: 1 }",
        ],
    ),
    (
        "tmpfs",
        &[
            "/run",
            "[/run, \"/scratch:ro,size=1m\"]",
            "[\"/tmp:mode=700,noexec\"]",
        ],
    ),
    (
        "ulimits",
        &[
            "{ nproc: 100 }",
            "{ memlock: -1, nofile: { soft: 100, hard: 200 } }",
        ],
    ),
    ("user", &["root", "\"0:0\"", "\"1000\"", "app"]),
    ("userns_mode", &["\"\""]),
    (
        "volumes",
        &[
            "[\"data:/data\"]",
            "[\"data:/data:ro\", \"more:/more:nocopy\"]",
            "[\"/etc/hostname:/etc/name:ro\", /cache/]",
            "[{ type: tmpfs, target: /scratch, tmpfs: { size: 1m, mode: 0700 } }]",
            "[{ type: volume, source: more, target: /data, read_only: true, volume: { nocopy: true } }, { type: bind, source: /etc/hosts, target: /mnt/hosts, bind: { propagation: rslave } }]",
            "[\"/etc/hosts:/mnt/hosts:rw,rshared\"]",
        ],
    ),
    ("volumes_from", &["[db]", "[\"db:ro\"]"]),
    ("working_dir", &["/tmp/", "/a/../b", "/"]),
    // Of networks and volumes.
    (
        "ipam",
        &[
            "{ config: [{ subnet: 10.213.0.0/24, gateway: 10.213.0.254, ip_range: 10.213.0.64/26 }] }",
            "{ driver: default }",
            "{ config: [{ subnet: 10.213.0.0/24, aux_addresses: { one: 10.213.0.5 } }] }",
        ],
    ),
    (
        "driver_opts",
        &[
            "{ com.docker.network.bridge.enable_icc: \"true\", com.docker.network.driver.mtu: \"1450\" }",
        ],
    ),
];

/// Attributes of which a form says too little: nearly all that it allows is refused.
const FORM_SAYS_LITTLE: &[&str] = &[
    "driver",
    "driver_opts",
    "expose",
    "logging",
    "profiles",
    "runtime",
    "storage_opt",
    "volumes_from",
];

/// Texts that make sense nowhere in particular.
const TEXTS: &[&str] = &["one", "\"two words\"", "\"a=b,c\"", "\"ünïcode\"", "\"7\""];

/// A value as YAML. A checker or an engine may still refuse it.
pub fn value(attribute: &Attribute, dice: &mut Dice) -> String {
    let tried = WORTH_A_TRY
        .iter()
        .find(|(name, _)| *name == attribute.name && tells(attribute))
        .map_or(&[][..], |(_, values)| values);
    match dice.below(5) {
        0 | 1 if !tried.is_empty() => (*dice.pick(tried)).to_owned(),
        0..=2 => attribute.example.to_owned(),
        _ if FORM_SAYS_LITTLE.contains(&attribute.name) => attribute.example.to_owned(),
        _ => of(&attribute.form, attribute.example, dice)
            .unwrap_or_else(|| attribute.example.to_owned()),
    }
}

/// The example, and all that is worth a try.
pub fn each(attribute: &Attribute) -> Vec<String> {
    let mut all = vec![attribute.example.to_owned()];
    let tried = WORTH_A_TRY
        .iter()
        .filter(|(name, _)| *name == attribute.name);
    all.extend(tried.flat_map(|(_, values)| values.iter().map(|value| (*value).to_owned())));
    all
}

/// Networks and volumes have options of the same name, and no option in common.
fn tells(attribute: &Attribute) -> bool {
    attribute.name != "driver_opts" || attribute.example.contains("com.docker")
}

/// What a form says is possible; `None` if it does not say it in a way that can be turned round.
fn of(form: &Form, example: &str, dice: &mut Dice) -> Option<String> {
    match form {
        Form::Bool => Some((*dice.pick(&["true", "false"])).to_owned()),
        Form::Integer(least, most) => {
            let some = [*least, 0, 1, 7, 512, *most];
            let fit: Vec<i64> = some
                .into_iter()
                .filter(|number| (least..=most).contains(&number))
                .collect();
            Some(dice.pick(&fit).to_string())
        }
        Form::Choice(words) => Some(format!("{:?}", dice.pick(words))),
        Form::Text if !example.is_empty() && !dice.one_in(3) => Some(example.to_owned()),
        Form::Text => Some((*dice.pick(TEXTS)).to_owned()),
        Form::Command => Some(
            (*dice.pick(&["[one, \"two words\", \"$$three\"]", "one 'two words'", "[]"]))
                .to_owned(),
        ),
        Form::HealthTest => Some(
            (*dice.pick(&[
                "[NONE]",
                "[CMD, \"true\"]",
                "[CMD-SHELL, \"exit 0\"]",
                "exit 0",
            ]))
            .to_owned(),
        ),
        Form::Parsed { pattern, parse, .. } => {
            if !example.is_empty() && dice.one_in(3) {
                return Some(example.to_owned());
            }
            (0..8)
                .filter_map(|_| dice.matching(pattern))
                // Longer ones are numbers beyond all that any host has.
                .find(|text| {
                    text.len() < 13 && parse(text).is_ok() && !text.contains(char::is_control)
                })
                .map(|text| serde_json::json!(text.replace('$', "$$")).to_string())
                .or_else(|| (!example.is_empty()).then(|| example.to_owned()))
        }
        Form::List(item) | Form::Set(item) => {
            let length = dice.below(4);
            let items: Option<Vec<String>> = (0..length).map(|_| of(item, "", dice)).collect();
            Some(format!("[{}]", items?.join(", ")))
        }
        Form::Map { value, .. } => {
            let length = dice.below(3);
            let entries: Option<Vec<String>> = ["a.example", "net.core.somaxconn", "c.example"]
                [..length]
                .iter()
                .map(|name| Some(format!("{name}: {}", of(value, "", dice)?)))
                .collect();
            Some(format!("{{ {} }}", entries?.join(", ")))
        }
        Form::Record(record) => Some(some_of(record.fields, dice)),
        Form::Keyed(keyed) => {
            let names: &[&str] = match keyed.noun {
                "network" => &["default", "front", "back"],
                "limit" => &["nofile", "nproc", "core", "memlock"],
                "container" => &["db"],
                _ => return None,
            };
            let wanted: Vec<&&str> = names.iter().filter(|_| dice.one_in(2)).collect();
            let entries: Vec<String> = wanted
                .into_iter()
                .map(|name| format!("{name}: {}", some_of(keyed.record.fields, dice)))
                .collect();
            Some(format!("{{ {} }}", entries.join(", ")))
        }
        Form::Items(items) => {
            // Two of them would mostly be two of the same key, which is refused.
            Some(format!("[{}]", some_of(items.fields, dice)))
        }
        Form::Refined { form, .. } => of(form, example, dice),
        Form::Either(forms) => of(dice.pick(forms), "", dice),
    }
}

/// Some of a record's fields, and all that it must have.
fn some_of(fields: &[Field], dice: &mut Dice) -> String {
    let mut some = Vec::new();
    for field in fields {
        if field.required || dice.one_in(3) {
            let value = if dice.one_in(2) {
                of(&field.form, field.example, dice)
            } else {
                None
            };
            let value = value.unwrap_or_else(|| field.example.to_owned());
            some.push(format!("{}: {value}", field.name));
        }
    }
    format!("{{ {} }}", some.join(", "))
}
