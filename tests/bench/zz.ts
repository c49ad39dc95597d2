import { detectPlatform } from "../../src/platform/detect.ts";
import { CASES, preparedGuest } from "./cases.ts";
import { wasirunHost } from "./hosts.ts";
import fs from "node:fs";
const folder="/tmp/st/bf"; fs.mkdirSync(folder+"/many",{recursive:true}); fs.writeFileSync(folder+"/file", new Uint8Array(8192)); for(let i=0;i<1000;i++) fs.writeFileSync(folder+"/many/f"+i,"");
const platform=(await detectPlatform())(); const host=wasirunHost(platform, folder, false);
const c=CASES.find(c=>c.name.startsWith(process.argv[2]!))!;
const m=new WebAssembly.Module(c.module()); const inst=new WebAssembly.Instance(m,{wasi_snapshot_preview1:host.imports}); const mem=inst.exports.memory as WebAssembly.Memory; host.attach(mem); c.prepare(preparedGuest(mem,host.opener!));
const run=inst.exports.run as (n:number)=>number; const N=+process.argv[3]!; run(N/10); let best=1e9; for(let r=0;r<5;r++){const t=performance.now(); run(N); best=Math.min(best,(performance.now()-t)/N*1e6);} console.log(best.toFixed(0));
