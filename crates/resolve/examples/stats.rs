use whence_registry::*;
use whence_resolve::Resolver;
fn main() {
    let r = Resolver::new(Registry::open(std::path::Path::new("/tmp/reg.snapshot")).unwrap()).unwrap();
    for w in std::env::args().skip(1) {
        match r.index().token(&w) {
            Some(t) => println!(
                "{w} weight {} countries {} names {} places {}",
                r.index().weight(t),
                r.index().countries(t),
                r.index().names_with(t).len(),
                r.index().places(&w).len()
            ),
            None => println!("{w} -"),
        }
    }
    let mut c = vec![];
    r.index().words_beginning("", |w, t| {
        let n = r.index().countries(t);
        if n >= 10 && r.index().places(w).len() > 0 {
            c.push((n, w.to_string()))
        }
    });
    c.sort();
    c.reverse();
    println!("{:?}", c);
}
