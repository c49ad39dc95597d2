import { describe, expect, test } from "vitest";
import { missingPreopenText, refusalText } from "../../src/cli/hints/hints.ts";
import type { CommandHost } from "../../src/cli/host/host.ts";

/** A host with these directories. */
function hostWith(...directories: string[]): CommandHost {
  return { isDirectory: (path) => directories.includes(path) } satisfies Partial<CommandHost> as unknown as CommandHost;
}

describe("the hint for a path beneath no preopen", () => {
  const host = hostWith("/", "/etc", "/home/me", "./data", "/with space", "/it's");

  test.for([
    ["/etc/passwd", "add --dir /etc:ro, or --dir /etc to let the guest write there"],
    ["/etc", "add --dir /etc:ro, or --dir /etc to let the guest write there"],
    ["/etc/./x/../passwd", "add --dir /etc:ro, or --dir /etc to let the guest write there"],
    ["/in.txt", "add --dir . for the working directory"],
    ["/.", "add --dir . for the working directory"],
    ["/", "add --dir . for the working directory"],
    ["/data/in.txt", "add --dir . for the working directory"],
    ["/none/in.txt", "add --dir HOST::/none, with a directory of this machine as HOST"],
    ["/with space/x", "add --dir '/with space:ro', or --dir '/with space' to let the guest write there"],
    ["/it's/x", "add --dir '/it'\\''s:ro', or --dir '/it'\\''s' to let the guest write there"],
    ["/no\u001b[2J/x", "add --dir 'HOST::/no\\u001b[2J', with a directory of this machine as HOST"],
  ])("%s: %s", ([path, advice]) => {
    const shown = path!.replace("\u001b", "\\u001b");
    expect(missingPreopenText(path!, host, "")).toBe(`no preopen holds ${shown}; ${advice}`);
  });

  test("names the variable under go test", () => {
    expect(missingPreopenText("/etc/passwd", host, " in GOWASIRUNTIMEARGS")).toBe(
      "no preopen holds /etc/passwd; add --dir /etc:ro in GOWASIRUNTIMEARGS, or --dir /etc to let the guest write there",
    );
    expect(missingPreopenText("/x", host, " in GOWASIRUNTIMEARGS")).toContain("--dir . in GOWASIRUNTIMEARGS for");
  });
});

test("the hint for a refusal names the variable under go test", () => {
  expect(refusalText({ action: "connect", target: "1.2.3.4:80", rule: "connect:1.2.3.4:80" }, " in GOWASIRUNTIMEARGS"))
    .toBe("refused to connect to 1.2.3.4:80; --allow-net=connect:1.2.3.4:80 in GOWASIRUNTIMEARGS would allow it");
  expect(refusalText({ action: "connect", target: "unix:/a b", rule: "unix:/a b" }, ""))
    .toBe("refused to connect to unix:/a b; '--allow-net=unix:/a b' would allow it");
});
