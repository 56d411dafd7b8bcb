// Allocations of Rust's library belong to the line here that asked for them.
use std::collections::HashMap;

// What the optimizer cannot see through.
fn keep<T>(value: T) -> T {
    let copy = unsafe { std::ptr::read_volatile(&value) };
    std::mem::forget(value);
    copy
}

#[inline(never)]
fn boxes() -> Vec<Box<[u8; 300]>> {
    let mut all = Vec::with_capacity(20); // 160 bytes
    for _ in 0..20 {
        all.push(keep(Box::new([1u8; 300]))); // 20 of 300 bytes
    }
    all
}

#[inline(never)]
fn text() -> String {
    let mut text = String::with_capacity(100); // 100 bytes
    text.push_str(&"y".repeat(77)); // 77 bytes, temporary
    keep(text)
}

fn main() {
    let all = boxes();
    let kept = text();
    let mut map: HashMap<u64, u64> = HashMap::new();
    for i in 0..3 {
        map.insert(i, i); // one table, for the first
    }
    std::mem::forget(keep((all, map, kept)));
}
