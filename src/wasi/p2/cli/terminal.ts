/** `wasi:cli/terminal-*`: which of the standard streams are terminals. Nothing can be asked of a terminal yet. */

import { ResourceType } from "../../../component/link/resource_type.ts";
import type { OpenStream } from "../../../core/io/stream.ts";
import type { HostInterface, WasiHost } from "../../host.ts";

/** A terminal, as input or as output. */
class Terminal {
  readonly kind = "terminal";
}

function inputType(): ResourceType<Terminal> {
  return new ResourceType("terminal-input");
}

function outputType(): ResourceType<Terminal> {
  return new ResourceType("terminal-output");
}

/** The interface `wasi:cli/terminal-input@0.2`. */
export function terminalInputInterface(host: WasiHost): HostInterface {
  return { functions: {}, resources: { "terminal-input": host.shared(inputType) } };
}

/** The interface `wasi:cli/terminal-output@0.2`. */
export function terminalOutputInterface(host: WasiHost): HostInterface {
  return { functions: {}, resources: { "terminal-output": host.shared(outputType) } };
}

/** The interface `wasi:cli/terminal-stdin@0.2`. */
export function terminalStdinInterface(host: WasiHost): HostInterface {
  return interfaceOf("get-terminal-stdin", host.shared(inputType), host.guest.stdin);
}

/** The interface `wasi:cli/terminal-stdout@0.2`. */
export function terminalStdoutInterface(host: WasiHost): HostInterface {
  return interfaceOf("get-terminal-stdout", host.shared(outputType), host.guest.stdout);
}

/** The interface `wasi:cli/terminal-stderr@0.2`. */
export function terminalStderrInterface(host: WasiHost): HostInterface {
  return interfaceOf("get-terminal-stderr", host.shared(outputType), host.guest.stderr);
}

function interfaceOf(name: string, type: ResourceType<Terminal>, stream: OpenStream): HostInterface {
  return {
    functions: {
      [name]: {
        type: `func() -> option<own<${type.name}>>`,
        call: () => stream.isTerminal ? new Terminal() : undefined,
      },
    },
    resources: { [type.name]: type },
  };
}
