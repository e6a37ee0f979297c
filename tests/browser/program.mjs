// The program, and small results of it.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export function secateur(...words) {
  const options = { encoding: "utf8", maxBuffer: 1 << 28 };
  return execFileSync(process.env.SECATEUR_PROGRAM, words, options);
}

// A folder that is there until the process ends.
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), "secateur_browser_"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const tinySettings = [
  "neuron=0,1", "simulated.size=32", "simulated.images=96",
  "simulated.test_images=64", "simulated.distill_images=160", "teacher_training.members=1",
  "teacher_training.when_weak=go_on", "teacher_training.steps=100", "teacher_training.batch=8",
  "teacher_training.stem=4", "teacher_training.width=8", "teacher_training.middle=4",
  "teacher_training.residual_blocks=1", "distill.filters=[8, 8, 8, 8, 8]", "distill.images=1600",
  "distill.batch=8", "distill.variants=2", "distill.smooth_every=500", "prune.images=32",
  "retrain.images=800", "retrain.batch=8", "compress.images=16", "evaluate.every_steps=40",
  "evaluate.validation_images=16", "evaluate.bootstrap=100",
];

// A run of some seconds on two simulated neurons, through all stages; `more` goes before its
// settings.
export function tinyRun(folder, ...more) {
  const settings = new Map([...tinySettings, ...more].map((setting) => {
    const key = setting.slice(0, setting.indexOf("="));
    return [key, setting];
  }));
  secateur("demo", "--out", folder, "--quiet", ...settings.values());
  return folder;
}

// A path below the folder of real recordings and published models; undefined where it is not there.
export function shared(...names) {
  const path = join(process.env.SECATEUR_SHARED ?? "../shared", ...names);
  return existsSync(path) ? path : undefined;
}

// A .npy, uint8 [images, side, side, 3], of blocks of 8 x 8 pixels of one colour each.
export function writePictures(file, images, side) {
  const bytes = Buffer.alloc(images * side * side * 3);
  for (let i = 0; i < bytes.length; ++i) {
    const [c, x, y] = [i % 3, (i / 3 / 8) & 3, (i / 3 / side / 8) & 3];
    const image = Math.floor(i / 3 / side / side);
    bytes[i] = (37 * (image + 1) * (x + 1) + 91 * y * (image + 2) + 53 * c) % 256;
  }
  const shape = `(${images}, ${side}, ${side}, 3)`;
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': ${shape}, }`;
  const padded = header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11) + "\n";
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0];
  const start = Buffer.from([...magic, padded.length & 255, padded.length >> 8]);
  writeFileSync(file, Buffer.concat([start, Buffer.from(padded), bytes]));
  return file;
}
