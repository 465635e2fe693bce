import { existsSync, readFileSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';

export interface Machine {
  readonly arch: string;
  readonly platform: string;
  readonly cpu: string;
  /** The widest integer instructions that onnxruntime's kernels choose by, or `unknown`. */
  readonly features: string;
  readonly node: string;
}

/** Strongest first, as /proc/cpuinfo calls them. */
const CLASSES: Readonly<Record<string, readonly string[]>> = {
  x64: ['amx_int8', 'avx512_vnni', 'avx_vnni', 'avx512bw', 'avx2', 'avx', 'sse4_1'],
  arm64: ['i8mm', 'asimddp', 'asimd'],
};

export function thisMachine(): Machine {
  return {
    arch: arch(),
    platform: platform(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    features: featuresOf(arch(), existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : ''),
    node: process.versions.node,
  };
}

/** @param cpuinfo the text of /proc/cpuinfo, empty where there is none */
export function featuresOf(architecture: string, cpuinfo: string): string {
  const [, line = ''] = /^(?:flags|Features)\s*:(.*)$/m.exec(cpuinfo) ?? [];
  const flags = new Set(line.split(/\s+/));
  return CLASSES[architecture]?.find((flag) => flags.has(flag)) ?? 'unknown';
}
