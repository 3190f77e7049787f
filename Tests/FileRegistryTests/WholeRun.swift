import Foundation
import Prompts
import Testing

@testable import FileRegistry

/// A run that does all that a run can do, and ways for it to end early.
enum WholeRun {
    /// Does it, to the prompt that MLflow wrote and to a new one, as far as it is not done yet.
    static func work(_ registry: FileRegistry) async throws {
        let (old, new) = ("m.s.prompt_old", "m.s.prompt_new")
        try await registry.beginRun(onWait: {})
        let before = try await registry.observe([old, new])
        if before[new] == nil {
            let draft = PromptDraft(name: new, description: "d", tags: ["team": "a"])
            _ = try await registry.createPrompt(draft, firstVersion: .full("new 1"))
        }
        var number = try #require(before[old]?.newest).number
        if before[old]?.newest?.content.template != "old 4" {
            number = try await registry.createVersion(of: old, .full("old 4")).number
        }
        if before[old]?.description != "e" {
            let changes = MetadataChanges(
                description: "e", promptTags: ["x/y": "1"], version: 1, versionTags: ["k/n": nil])
            try await registry.update(old, changes)
        }
        try await registry.synchronize()
        for (name, version) in [(old, number), (new, 1)] {
            for alias in ["production", "staging"] where before[name]?.aliases[alias] != version {
                try await registry.moveAlias(alias, of: name, from: nil, to: version)
            }
        }
        try await registry.endRun()
    }
}

extension TemporaryRegistry {
    /// The registry for a run that dies: after some calls nothing reaches the disk, what would clean up included,
    /// which is what kill -9 leaves.
    func openDying(after calls: Int) -> FileRegistry {
        let made = Counter()
        return open { attempt, _ in
            let changes = attempt != .open && attempt != .list && attempt != .read
            return changes && made.add() > calls ? EIO : nil
        }
    }
}
