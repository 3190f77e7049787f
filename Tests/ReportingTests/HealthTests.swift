import Foundation
import Health
import Prompts
import Testing

@testable import Reporting

@Suite("Health check results")
struct HealthTests {
    private let results: [HealthCheckResult] = [
        .ok(.registry, "databricks-uc, named by MLFLOW_REGISTRY_URI"),
        .ok(.reachability, "https://workspace.example answered in 82 ms"),
        .warn(.clock, "this machine's clock is 90 s behind the server's", hint: "set this machine's clock"),
        .fail(.writing, RegistryError(.permissionDenied, "ci lacks MANAGE on main.agents", hint: "GRANT it")),
        .skip(.reading, "nothing could be asked"),
    ]

    @Test("looks as kept")
    func snapshot() throws {
        try expectSnapshot(results.text(TextStyle(color: false)), "health.txt")
        try expectSnapshot(results.text(TextStyle(color: true)), "health-colour.txt")
        try expectSnapshot(results.jsonText, "health.json")
    }

    @Test("passes on nothing that steers a terminal or GitHub's runner", arguments: ["text", "json"])
    func hostile(format: String) throws {
        let text = HostileFixture.text + "\n::error::x ##[add-mask]y"
        let results: [HealthCheckResult] = [
            .warn(.server, text, hint: text), .fail(.reading, RegistryError(.failed, text, hint: text)),
        ]
        let shown =
            format == "json"
            ? results.jsonText : results.text(TextStyle(color: false))
        let raw = shown.unicodeScalars.filter { scalar in
            switch scalar.value {
            case 0x0A: false
            case 0..<0x20, 0x7F...0x9F, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
            default: false
            }
        }
        #expect(raw.isEmpty)
        if format == "text" { #expect(!shown.contains("##[") && shown.split(separator: "\n").count == 5) }
        for line in shown.split(separator: "\n") { #expect(!line.trimmingPrefix(" ").hasPrefix("::")) }
    }
}
