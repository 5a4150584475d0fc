use std::collections::*;
use std::path::Path;
use whence_registry::*;
use whence_resolve::Resolver;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    if args[1] == "build" {
        let t = std::time::Instant::now();
        let inputs = BuildInputs {
            ror: args[2].clone().into(),
            geonames: args[3].clone().into(),
            metropolitan_areas: None,
            groups: None,
        };
        let (built, report) = build(&inputs).unwrap();
        eprintln!("read {:?} findings {}", t.elapsed(), report.findings.len());
        let mut s = SnapshotBuilder::new(&built).unwrap();
        for (n, b) in whence_resolve::index::build(&built).unwrap() {
            eprintln!("{n} {}", b.len());
            s.add_section(n, b).unwrap();
        }
        s.write(Path::new(&args[4])).unwrap();
        eprintln!("done {:?}", t.elapsed());
        return;
    }
    let t = std::time::Instant::now();
    let resolver = Resolver::new(Registry::open(Path::new(&args[2])).unwrap()).unwrap();
    eprintln!("open {:?}", t.elapsed());
    if args[1] == "eval" {
        for f in &args[3..] {
            let (mut lab, mut ans, mut right, mut nil, mut clean, mut exact, mut exn, mut loc, mut country) =
                (0, 0, 0, 0, 0, 0, 0, 0, 0);
            let mut errs = String::new();
            let mut by: BTreeMap<u16, (u32, u32)> = BTreeMap::new();
            let t = std::time::Instant::now();
            let mut n = 0;
            for l in std::fs::read_to_string(f).unwrap().lines() {
                let v: serde_json::Value = serde_json::from_str(l).unwrap();
                if v.get("in_registry") == Some(&false.into()) {
                    continue;
                }
                n += 1;
                let a = v["affiliation"].as_str().unwrap();
                let gold: Vec<String> = v["ror_ids"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|x| x.as_str().unwrap().to_string())
                    .collect();
                let mut ok: HashSet<String> = gold.iter().cloned().collect();
                for g in &gold {
                    if let Some(i) = resolver.registry().find(whence_model::RorId::parse(g).unwrap()) {
                        let r = resolver.registry().institution(i);
                        if r.state() != InstitutionState::Active {
                            for s in r.successors() {
                                ok.insert(resolver.registry().institution(s).ror_id().to_string());
                            }
                        }
                    }
                }
                let r = resolver.resolve(a).unwrap();
                let top = r.institutions.first().map(|m| m.ror_id.to_string());
                let name = |id: &str| {
                    resolver
                        .registry()
                        .find(whence_model::RorId::parse(id).unwrap())
                        .map(|i| resolver.registry().institution(i).name().to_string())
                        .unwrap_or("?".into())
                };
                if gold.is_empty() {
                    nil += 1;
                    if top.is_none() {
                        clean += 1
                    }
                } else {
                    lab += 1
                }
                let mut good = gold.is_empty() && top.is_none();
                if let Some(t) = &top {
                    ans += 1;
                    if ok.contains(t) {
                        right += 1;
                        good = true
                    }
                    let e = by
                        .entry(r.institutions[0].confidence.ten_thousandths() / 500)
                        .or_default();
                    e.1 += 1;
                    if good {
                        e.0 += 1
                    }
                }
                if let Some(p) = v.get("named_parents") {
                    exn += 1;
                    let par: HashSet<String> = p
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|x| x.as_str().unwrap().to_string())
                        .collect();
                    let set: HashSet<String> = r.institutions.iter().map(|m| m.ror_id.to_string()).collect();
                    if gold.iter().all(|g| set.contains(g))
                        && set.iter().all(|s| ok.contains(s) || par.contains(s))
                    {
                        exact += 1
                    } else {
                        good = false
                    }
                    let pl = r.main_place();
                    if pl.country().map(|c| c.to_string()).unwrap_or_default()
                        == v["country"].as_str().unwrap_or("")
                    {
                        country += 1
                    } else {
                        errs += &format!("COUNTRY {a}\n   gold {} got {:?}\n", v["country"], pl.country())
                    }
                    let ln = pl
                        .locality()
                        .and_then(|l| resolver.registry().find_place(l))
                        .map(|p| resolver.registry().place(p).name().to_string())
                        .unwrap_or_default();
                    if whence_resolve::text::Splitter::default().key(&ln)
                        == whence_resolve::text::Splitter::default().key(v["locality"].as_str().unwrap_or(""))
                    {
                        loc += 1
                    } else {
                        errs += &format!("LOCALITY {a}\n   gold {} got {ln}\n", v["locality"])
                    }
                }
                if !good {
                    errs += &format!(
                        "{a}\n   gold {}\n",
                        gold.iter()
                            .map(|g| format!("{} {}", &g[16..], name(g)))
                            .collect::<Vec<_>>()
                            .join(" | ")
                    );
                    for m in &r.institutions {
                        errs += &format!(
                            "   got  {} {} {} {:?}\n",
                            &m.ror_id.to_string()[16..],
                            name(&m.ror_id.to_string()),
                            m.confidence.ten_thousandths(),
                            m.span.text(a).unwrap()
                        )
                    }
                    for m in r.candidates.iter().take(6) {
                        errs += &format!(
                            "   cand {} {} {} {:?}\n",
                            &m.ror_id.to_string()[16..],
                            name(&m.ror_id.to_string()),
                            m.confidence.ten_thousandths(),
                            m.span.text(a).unwrap()
                        )
                    }
                }
            }
            let (p, r) = (right as f64 / ans as f64, right as f64 / lab as f64);
            println!(
                "{f} n {n} P {p:.3} R {r:.3} F1 {:.3} nil {clean}/{nil} exact {:.3} loc {:.3} country {:.3} {:.0}/s",
                2.0 * p * r / (p + r),
                exact as f64 / exn as f64,
                loc as f64 / exn as f64,
                country as f64 / exn as f64,
                n as f64 / t.elapsed().as_secs_f64()
            );
            println!(
                "   calibration {}",
                by.iter()
                    .map(|(k, (g, n))| format!(
                        "{:.2}:{:.2}({n})",
                        f64::from(*k) / 20.0,
                        f64::from(*g) / f64::from(*n)
                    ))
                    .collect::<Vec<_>>()
                    .join(" ")
            );
            std::fs::write(
                format!(
                    "/tmp/err-{}.txt",
                    Path::new(f).file_stem().unwrap().to_str().unwrap()
                ),
                errs,
            )
            .unwrap();
        }
        return;
    }
    for a in &args[3..] {
        println!("{a}\n{:#?}", resolver.resolve(a));
    }
}
