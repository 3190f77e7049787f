import Foundation
import Prompts
import Testing

@testable import FileRegistry

@Suite struct VersionTests {
    private let name = "m.s.prompt_old"

    private func version(_ number: Int) -> PromptVersion {
        PromptVersion(
            number: number, content: PromptContent(kind: .text, template: "Text \(number)\r\n"),
            tags: ["k/n": "v"], createdAt: 1_795_255_882_160 + number)
    }

    @Test func areReadNewestFirstWithoutTheDeletedOnes() async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        let opened = registry.open()
        #expect(try await opened.versions(of: name) == [version(2), version(1)])
        for number in 1...2 { #expect(try await opened.version(number, of: name) == version(number)) }
        for number in [3, 4, 0, -1] {
            #expect(await errorCode { _ = try await opened.version(number, of: name) } == .notFound)
        }
    }

    @Test func areInTheOrderOfTheirNumbers() async throws {
        let registry = try TemporaryRegistry()
        try await registry.run { registry in
            _ = try await registry.createPrompt(PromptDraft(name: name), firstVersion: .full("1"))
            for number in 2...11 { _ = try await registry.createVersion(of: name, .full("\(number)")) }
        }
        let versions = try await registry.open().versions(of: name)
        #expect(versions.map(\.number) == Array((1...11).reversed()))
        #expect(versions.allSatisfy { $0.content.template == String($0.number) })
        #expect(versions.allSatisfy { $0.tags == VersionDraft.full("").tags })
    }

    /// MLflow's column for them has 32 bits, so a larger number is none that MLflow gave.
    @Test func ignoresNumbersThatAreTooLarge() async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        for number in ["9223372036854775807", "2147483648"] {
            try registry.write("", to: "models/\(name)/version-\(number)")
        }
        #expect(try await registry.observe(name)?.newest?.number == 2)
        #expect(try await registry.run { try await $0.createVersion(of: name, .text("new")).number } == 4)
    }

    @Test func runOutAtTheLargestNumber() async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        try registry.write("", to: "models/\(name)/version-2147483647")
        let before = registry.tree("models")
        let failure = try await registry.run { registry in
            await error { _ = try await registry.createVersion(of: name, .text("new")) }
        }
        #expect(failure?.code == .conflict && failure?.message.contains("2147483647") == true)
        #expect(registry.tree("models") == before)
    }

    @Test(arguments: [-1, .min, .max, 253_402_300_800_000])
    func haveNoTimeWhereTheFileHasNone(milliseconds: Int) async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        let file = "models/\(name)/version-2/meta.yaml"
        let text = try registry.read(file)
        let time = "creation_timestamp: 1795255882162"
        try registry.write(
            text.replacingOccurrences(of: time, with: "creation_timestamp: \(milliseconds)"), to: file)
        #expect(try await registry.open().version(2, of: name).createdAt == nil)
    }

    @Test func mayBeNone() async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        for version in ["version-1", "version-2"] { try registry.remove("models/\(name)/\(version)") }
        #expect(try await registry.open().versions(of: name) == [])
        try registry.remove("models/\(name)/version-3")
        #expect(try await registry.open().versions(of: name) == [])
    }

    /// What both calls say of a prompt.
    private func codes(_ registry: TemporaryRegistry, _ name: String) async -> [RegistryError.Code?] {
        [
            await errorCode { _ = try await registry.open().versions(of: name) },
            await errorCode { _ = try await registry.open().version(2, of: name) },
        ]
    }

    @Test func areNotFoundWhereThereIsNoPrompt() async throws {
        let registry = try TemporaryRegistry()
        #expect(await codes(registry, name) == [.notFound, .notFound])
        #expect(!registry.exists(""))
        try registry.writeMLflowPrompt()
        #expect(await codes(registry, "m.s.prompt_other") == [.notFound, .notFound])
        #expect(await codes(registry, "../models/" + name) == [.invalidValue, .invalidValue])
        try registry.remove("models/\(name)/tags/mlflow.prompt.is_prompt")
        #expect(await codes(registry, name) == [.nameTaken, .nameTaken])
    }

    @Test(arguments: ["meta.yaml", "version-2/meta.yaml", "version-2/tags/mlflow.prompt.text"])
    func areCorruptWhereAFileIsMissing(_ file: String) async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        try registry.remove("models/\(name)/\(file)")
        #expect(await codes(registry, name) == [.corrupt, .corrupt])
        guard file != "meta.yaml" else { return }
        #expect(try await registry.open().version(1, of: name) == version(1), "the other one is whole")
    }

    @Test func areLookedAtAgainWhenMLflowIsInTheMiddleOfThem() async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        let meta = "models/\(name)/version-2/meta.yaml"
        let text = try registry.read(meta)
        for call in ["versions", "version"] {
            try registry.write("", to: meta)
            let looks = Counter()
            let opened = registry.open { attempt, path in
                if attempt == .read, path.hasSuffix("/version-2/meta.yaml"), looks.add() == 3 {
                    try? registry.write(text, to: meta)
                }
                return nil
            }
            let found =
                call == "version"
                ? try await opened.version(2, of: name) : try await opened.versions(of: name).first
            #expect(found == version(2), "\(call)")
        }
    }
}
