"use strict";
// The engine: this project's kernels as WebAssembly (playground/wasm/engine.cpp), and the models
// that run in it.

// A module of one SIMD instruction: valid only where the browser has them.
const kSimdProbe = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15,
  253, 98, 11,
]);

function engineKind() {
  const simd = location.hash !== "#reference" && WebAssembly.validate(kSimdProbe);
  return simd ? "simd" : "reference";
}

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

// What a program may ask of its system: here there is none.
function noSystem() {
  const answers = {
    proc_exit: () => { throw new Error("the engine ended"); },
    environ_sizes_get: (count, size) => 8,
  };
  const ask = { get: (_, name) => answers[name] ?? (() => 8) };
  return new Proxy({}, ask);
}

async function startEngine(kind) {
  const code = bytesOf(document.getElementById(`engine-${kind}`).textContent);
  const system = noSystem();
  const { instance } = await WebAssembly.instantiate(code, {
    env: system, wasi_snapshot_preview1: system,
  });
  instance.exports._initialize?.();
  return instance.exports;
}

function floatsAt(engine, place, count) {
  return new Float32Array(engine.memory.buffer, place, count);
}

function handOver(engine, bytes) {
  const place = engine.take(bytes.length);
  new Uint8Array(engine.memory.buffer, place, bytes.length).set(bytes);
  return place;
}

// A model in the engine. Memory may move whenever the engine works, so views of it are taken anew.
class RunningModel {
  constructor(engine, data) {
    this.engine = engine;
    this.input = data.architecture.input;
    this.blocks = data.architecture.blocks;
    const words = new TextEncoder().encode(JSON.stringify(data.architecture));
    const weights = bytesOf(data.weights);
    const text = handOver(engine, words);
    const numbers = handOver(engine, weights);
    this.id = engine.open_model(text, words.length, numbers, weights.length / 4);
    engine.give_back(text);
    engine.give_back(numbers);
    this.on = this.blocks.map((block) => new Uint8Array(block.filters).fill(1));
  }

  get numel() { return this.input.channels * this.input.height * this.input.width; }

  pixels() { return floatsAt(this.engine, this.engine.pixels(this.id), this.numel); }

  respond() { return this.engine.respond(this.id); }

  // Of the image that respond() saw last.
  signal(layer) {
    const [filters, height, width] = [1, 2, 3].map((axis) =>
      this.engine.signal_extent(this.id, layer, axis));
    const place = this.engine.signal(this.id, layer);
    return { filters, height, width,
             values: floatsAt(this.engine, place, filters * height * width) };
  }

  switchFilters(on) {
    on.forEach((flags, layer) => {
      this.on[layer].set(flags);
      const place = this.engine.filters_on(this.id, layer);
      new Uint8Array(this.engine.memory.buffer, place, flags.length).set(flags);
    });
    this.engine.switched(this.id);
  }

  isWhole() { return this.on.every((flags) => flags.every((flag) => flag === 1)); }
}

// Gives the page back to its reader.
function pause() { return new Promise((go) => setTimeout(go, 0)); }
