"""Swift agents in a package of their own that depends on this one."""

import os
import re
import shutil
import subprocess
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
# What the README's examples take for granted.
STAND_INS = """
let (question, table) = ("Why?", "…")
func ask(_ text: String) async throws -> String { text }
func chat(_ messages: [[String: String]]) async throws -> (
    text: String, inputTokens: Int, outputTokens: Int, dollars: Double
) { ("\\(messages)", 7, 3, 0.001) }
"""
AGENT = """import PromptClient

let client = try PromptClient()
for name in CommandLine.arguments.dropFirst() {
    let prompt = await client.load(name, fallback: "Fallback {{x}}")
    print("\\(prompt.name) \\(prompt.version ?? 0) \\(prompt.aliases) \\(prompt.variables)")
    print(try prompt.render(Dictionary(uniqueKeysWithValues: prompt.variables.map { ($0, "<\\($0)>") })))
}
do throws(PromptClientError) {
    _ = try await client.load("nobody@production")
} catch {
    print("\\(error.code): \\(error.message)")
}
"""
TRACED = """import PromptClient

struct Refusal: Error {}

let client = try PromptClient()
let answer = try await client.withSpan("agent_predict", type: .agent) { span in
    span.setInputs(["question": "Why?"])
    span.setTraceTag("team", "x")
    span.setSession("conversation-1")
    span.setUser("user-1")
    let prompt = try await client.load("greet@production")
    _ = await client.load("gone@production", fallback: "x")
    let text = try prompt.render(["name": "Ada"])
    let answer = await client.withSpan("model", type: .chatModel) { span in
        span.setInputs(["messages": [text]])
        span.setModel("small", provider: "nobody")
        span.setUsage(inputTokens: 7, outputTokens: 3)
        span.setCost(input: 0.25, output: 0.5)
        span.setAttribute("odd", "{\\"looks\\": \\"like JSON\\"}")
        span.setOutputs("42")
        return "42"
    }
    span.setOutputs(["answer": answer])
    return answer
}
do {
    try await client.withSpan("refused") { _ in throw Refusal() }
} catch {
    print("refused: \\(error)")
}
let report = await client.flush()
print(answer, report.stored, report.lost, report.refusedLinks)
report.reasons.forEach { print($0) }
"""
ODD = """import Foundation
import PromptClient

let client = try PromptClient()
await client.withSpan("odd") { span in
    let long = String(repeating: "é", count: 9_000)
    span.setTraceTag(long, "key")
    span.setTraceTag("long", long)
    span.setTraceTag("a/b", "slash")
    span.setTraceTag("plain", "x")
    span.setSession(long)
    span.setInputs("a\\0b")
    span.setOutputs(String(repeating: "large ", count: 20_000))
    _ = try? await client.load("with_a_very_long_name@production")
}
let limit = ProcessInfo.processInfo.environment["FLUSH_SECONDS"].flatMap(Int.init) ?? 60
let report = await client.flush(timeout: .seconds(limit))
print(report.stored, report.lost, report.waiting, report.refusedLinks)
report.reasons.forEach { print($0) }
"""
CROWD = """import Glibc
import PromptClient

let client = try PromptClient()
let count = Int(CommandLine.arguments[1]) ?? 0
try await withThrowingTaskGroup(of: Void.self) { group in
    for task in 0..<64 {
        group.addTask {
            for number in stride(from: task, to: count, by: 64) {
                try await client.withSpan("agent \\(number)") { span in
                    let prompt = try await client.load("greet@production")
                    try await client.withSpan("step") { $0.setOutputs(try prompt.render(["name": "\\(number)"])) }
                }
            }
        }
    }
    try await group.waitForAll()
}
let report = await client.flush(timeout: .seconds(900))
print(report.stored, report.lost, report.waiting, report.refusedLinks)
// The most memory that was in use. That of getrusage may be of the process that started this one.
let status = fopen("/proc/self/status", "r")
var line = [CChar](repeating: 0, count: 256)
while fgets(&line, 256, status) != nil {
    let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    if text.hasPrefix("VmHWM:") { print(text.filter(\\.isNumber)) }
}
"""


def build(folder: Path, configuration: str) -> Path:
    """Builds the agents, the README's examples and a copy of the whole agent; returns the folder of their programs."""
    manifest, example, *more = re.findall(r"```swift\n(.*?)```", (REPO / "README.md").read_text(), re.DOTALL)
    examples = "\n".join([example, STAND_INS, *more, "print(try await reply(to: answer, prompt))", "await client.flush()\n"])
    sources = {"agent": AGENT, "traced": TRACED, "odd": ODD, "crowd": CROWD, "example": example + "print(text)\n"}
    sources["examples"] = examples
    programs = [*sources, "monitor"]
    shutil.copytree(REPO / "Sources" / "HealthMonitor", folder / "Sources" / "monitor")
    target = re.search(r"\.executableTarget\(.*?\]\)", manifest, re.DOTALL).group(0)
    manifest = manifest.replace(target, ", ".join(target.replace('"agent"', f'"{name}"') for name in programs))
    manifest = re.sub(r"url: .*, branch: \"main\"", f'name: "promptreg", path: "{REPO}"', manifest)
    (folder / "Package.swift").write_text(manifest)
    for name, source in sources.items():
        (folder / "Sources" / name).mkdir(parents=True)
        (folder / "Sources" / name / "main.swift").write_text(source)
    # Kept between runs, so that only what changed is built.
    scratch = REPO / ".build" / "agents"
    command = ["swift", "build", "--package-path", folder, "--scratch-path", scratch, "-c", configuration]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1_200)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in programs:
        shutil.copy(scratch / configuration / name, folder / name)
    return folder


def run(program: Path, registry, *arguments: str, timeout: int = 120, **more: str) -> list[str]:
    """What an agent prints that loads its prompts from a registry."""
    environment = {"PATH": os.environ["PATH"], "MLFLOW_REGISTRY_URI": registry.uri, **registry.environment, **more}
    environment |= {"AGENT_CATALOG": "main", "AGENT_SCHEMA": registry.schema}
    done = subprocess.run(
        [program, *arguments], env=environment, capture_output=True, text=True, timeout=timeout, cwd=program.parent
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()
