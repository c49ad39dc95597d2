import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { demangleRust } from "../../src/runtime/trap/symbols/rust_names.ts";

/** Most symbols are what rustc 1.95 makes; the readable names are those of GNU c++filt, without hashes. */
const NAMES: readonly (readonly [mangled: string, readable: string])[] = [
  ["_ZN3std2io5Write9write_all17h11e4f16d0f25307aE", "std::io::Write::write_all"],
  ["_ZN3std2io5Write9write_all17h11e4f16d0f25307aE.llvm.197198584795182122", "std::io::Write::write_all"],
  ["_ZN3std2rt10lang_start28_$u7b$$u7b$closure$u7d$$u7d$17hb9ea87b9d3c49f50E", "std::rt::lang_start::{{closure}}"],
  [
    "_ZN3std6thread11join_handle19JoinHandle$LT$T$GT$4join17h5242de6dec4a540bE",
    "std::thread::join_handle::JoinHandle<T>::join",
  ],
  [
    "_ZN102_$LT$core..iter..adapters..map..Map$LT$I$C$F$GT$$u20$as$u20$core..iter..traits..iterator..Iterator$GT$4fold17h02a517ad047800cdE",
    "<core::iter::adapters::map::Map<I,F> as core::iter::traits::iterator::Iterator>::fold",
  ],
  ["_ZN3sym20gr$uf6$$udf$e_$u3bb$17h875de85cc18abdc5E", "sym::größe_λ"],
  [
    "_ZN4core3ptr42drop_in_place$LT$alloc..string..String$GT$17h0123456789abcdefE",
    "core::ptr::drop_in_place<alloc::string::String>",
  ],
  ["_RNvCs5s65enN29YM_3sym4main", "sym::main"],
  ["_RINvCs5s65enN29YM_3symu13gre__wna1lw0sReEB2_", "sym::größe_λ::<&str>"],
  ["_RNvMNtNtCs5s65enN29YM_3sym5outer5innerINtB2_1SReKj3_E4showB6_", "<sym::outer::inner::S<&str, 3>>::show"],
  [
    "_RINvCs5s65enN29YM_3sym3genAINtNtCsgEmfK2I1SDS_4core6option6OptionnEj2_EB2_",
    "sym::gen::<[core::option::Option<i128>; 2]>",
  ],
  [
    "_RINvCs5s65enN29YM_3sym3genDNtNtCsgEmfK2I1SDS_4core3fmt5DebugNtNtBt_6marker4SendEL_EB2_",
    "sym::gen::<dyn core::fmt::Debug + core::marker::Send>",
  ],
  ["_RINvCs5s65enN29YM_3sym3genFhEuEB2_", "sym::gen::<fn(u8)>"],
  ["_RINvCs5s65enN29YM_3sym3genTlcuEEB2_", "sym::gen::<(i32, char, ())>"],
  [
    "_RINvNtCsgEmfK2I1SDS_4core3ptr13drop_in_placeINtNtCslNYArtu3iFV_5alloc5boxed3BoxDINtNtNtB4_3ops8function6FnOnceuEp6OutputuNtNtB4_6marker4SendEL_EECs5s65enN29YM_3sym",
    "core::ptr::drop_in_place::<alloc::boxed::Box<dyn core::ops::function::FnOnce<(), Output = ()> + core::marker::Send>>",
  ],
  [
    "_RNSNvYNCINvNtCsjrHSEGnQ3l9_3std2rt10lang_startuE0INtNtNtCsgEmfK2I1SDS_4core3ops8function6FnOnceuE9call_once6vtableCs5s65enN29YM_3sym.llvm.13285913986182655438",
    "<std::rt::lang_start<()>::{closure#0} as core::ops::function::FnOnce<()>>::call_once::{shim:vtable#0}",
  ],
  ["_RNCNvC1a1fs_0", "a::f::{closure#1}"],
  ["_RNvXC1aTRhQhPhOhEC1b1f", "<(&u8, &mut u8, *const u8, *mut u8) as b>::f"],
  ["_RNvXC1aFG_RL0_hERL0_hC1b1f", "<for<'a> fn(&'a u8) -> &'a u8 as b>::f"],
  ["_RNvXC1aFG0_RL1_hRL0_hEuC1b1f", "<for<'a, 'b> fn(&'a u8, &'b u8) as b>::f"],
  ["_RNvMC1aThE1f", "<(u8,)>::f"],
  ["_RNvMC1aFUKCzEu1f", '<unsafe extern "C" fn(!)>::f'],
  ["_RNvMC1aINtC1a1SKb1_Kc27_Ksn5_Ky64_KpE1f", "<a::S<true, '\\'', -5, 100, _>>::f"],
  ["_RNvMC1aINtC1a1SKo100000000000000000_E1f", "<a::S<0x100000000000000000>>::f"],
  ["_RNvC1a1f.0", "a::f.0"],
];

describe("names of Rust", () => {
  test.each(NAMES)("%s", (mangled, readable) => {
    expect(demangleRust(mangled)).toBe(readable);
  });

  test.each([
    "",
    "main",
    "runtime.main",
    "os.(*File).Read",
    "_ZN",
    "_Z3foov",
    "_ZNSt6vectorIiE9push_backEOi",
    "_ZN4core3fmt17h0123456789abcdeE",
    "_ZN4core99fmt17h0123456789abcdefE",
    "_ZN0core17h0123456789abcdefE",
    "_R",
    "_RN",
    "_RNvC1a",
    "_RNvC1a1b_",
    "_RNvC1a9b",
    "_RB_",
    "_RNvB0_1a",
    "_R1NvC1a1b",
    "_RNvC1au3___1b",
    "_RNvMC1aRL5_h1f",
    `_R${"N".repeat(10_000)}`,
    `_RNvMC1a${"R".repeat(10_000)}h1f`,
    `_RNvC${"9".repeat(6)}a1b`,
  ])("%s stays as it is", (name) => {
    expect(demangleRust(name)).toBe(name);
  });

  test("do not grow without end by their back references", () => {
    // Each tuple is two of the one before.
    let name = "_RNvMC1aTuuE";
    const places = [6];
    for (let i = 0; i < 60; i++) {
      const reference = base62(places.at(-1)!);
      places.push(name.length - 2);
      name += `TB${reference}B${reference}E`;
    }
    for (const mangled of [`${name}1f`, `_RNvMC1aT${name.slice(8)}E1f`]) {
      const started = performance.now();
      expect(demangleRust(mangled).length).toBeLessThan(5000);
      expect(performance.now() - started).toBeLessThan(10_000);
    }
  });

  test("of any text are text, in bounded time", () => {
    const alphabet = [..."_RZNCIMXYBEvtsuKLGDFUTASPOQpheijln0123456789abz$."];
    const text = fc.array(fc.constantFrom(...alphabet), { maxLength: 60 }).map((chars) => chars.join(""));
    const prefix = fc.constantFrom("_R", "_RN", "_RINv", "_RNvMC1a", "_RNvXC1a", "_ZN", "_ZN4core");
    const suffix = fc.constantFrom("", "E", "1f", "17h0123456789abcdefE", ".llvm.12");
    fc.assert(
      fc.property(prefix, text, suffix, (before, middle, after) => {
        expect(typeof demangleRust(before + middle + after)).toBe("string");
      }),
      { numRuns: 3000 },
    );
  });
});

function base62(value: number): string {
  if (value === 0) return "_";
  let rest = value - 1;
  let digits = "";
  do {
    digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[rest % 62] + digits;
    rest = Math.floor(rest / 62);
  } while (rest > 0);
  return `${digits}_`;
}
