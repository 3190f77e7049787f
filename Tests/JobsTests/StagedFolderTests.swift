import Foundation
import Testing

@testable import Jobs

@Suite struct StagedFolderTests {
    private let folder: JobFolder

    init() throws { folder = try JobFolder(["prompts/a.md": "old"]) }

    /// All files below a folder, hidden ones too, with what they hold.
    private func files(_ path: String = "") throws -> [String: String] {
        let root = folder.path(path)
        var files: [String: String] = [:]
        for name in FileManager.default.enumerator(atPath: root)?.allObjects as? [String] ?? [] {
            let whole = root + "/" + name
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: whole, isDirectory: &isFolder), !isFolder.boolValue {
                files[name] = try String(contentsOfFile: whole, encoding: .utf8)
            }
        }
        return files
    }

    private func stage(_ files: [String: String]) throws -> StagedFolder {
        let staged = try StagedFolder(for: folder.path(""))
        for (path, text) in files { try staged.write(text, to: path) }
        return staged
    }

    @Test func filesAppearTogetherAndNothingElseStays() throws {
        let staged = try stage(["prompts/b.md": "b", "jobs/x/y.yaml": "y"])
        #expect(
            try files("prompts") == ["a.md": "old"]
                && !FileManager.default.fileExists(atPath: folder.path("jobs")))
        try staged.check(["prompts/b.md", "jobs/x/y.yaml"], replacing: false)
        try staged.move(["prompts/b.md", "jobs/x/y.yaml"])
        staged.discard()
        #expect(try files() == ["prompts/a.md": "old", "prompts/b.md": "b", "jobs/x/y.yaml": "y"])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path("")).sorted() == [
                "jobs", "prompts",
            ])
    }

    @Test func foldersAreMadeWhereThereAreNone() throws {
        let staged = try StagedFolder(for: folder.path("new/deep"))
        try staged.write("x", to: "jobs/a.yaml")
        try staged.move(["jobs/a.yaml"])
        staged.discard()
        #expect(try files("new") == ["deep/jobs/a.yaml": "x"])
        #expect(throws: StagingError.self) { try StagedFolder(for: folder.path("prompts/a.md")) }
        #expect(throws: StagingError.self) { try StagedFolder(for: folder.path("prompts/a.md/below")) }
    }

    @Test func whatIsThereAlreadyIsInTheWayUnlessItMayBeReplaced() throws {
        let staged = try stage(["prompts/a.md": "new", "prompts/b.md": "b"])
        defer { staged.discard() }
        let error = #expect(throws: StagingError.self) {
            try staged.check(["prompts/a.md", "prompts/b.md"], replacing: false)
        }
        #expect(error?.obstacles == ["prompts/a.md"] && error?.isReplaceable == true)
        try staged.check(["prompts/a.md", "prompts/b.md"], replacing: true)
        try staged.move(["prompts/a.md", "prompts/b.md"])
        #expect(try files("prompts") == ["a.md": "new", "b.md": "b"])
    }

    @Test func aFolderIsNeverReplaced() throws {
        try folder.write(Data(), to: "prompts/b.md/inside")
        let staged = try stage(["prompts/b.md": "b"])
        defer { staged.discard() }
        let error = #expect(throws: StagingError.self) { try staged.check(["prompts/b.md"], replacing: true) }
        #expect(error?.obstacles == ["prompts/b.md"] && error?.isReplaceable == false)
    }

    @Test func aLinkLeadsNobodyOut() throws {
        let outside = try JobFolder()
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("jobs"), withDestinationPath: outside.path(""))
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("prompts/b.md"), withDestinationPath: outside.path("target"))
        let staged = try stage(["jobs/a.yaml": "x", "prompts/b.md": "b"])
        defer { staged.discard() }
        let error = #expect(throws: StagingError.self) { try staged.check(["jobs/a.yaml"], replacing: true) }
        #expect(error?.message.contains("is a link out of") == true)
        // A file's own link is replaced, and not written through.
        #expect(throws: StagingError.self) { try staged.check(["prompts/b.md"], replacing: false) }
        try staged.move(["prompts/b.md"])
        #expect(!FileManager.default.fileExists(atPath: outside.path("target")))
        #expect(try files("prompts")["b.md"] == "b")
    }

    @Test func whatWasMovedGoesBackWhenOneCannotBe() throws {
        let staged = try stage(["prompts/a.md": "new", "prompts/b.md": "b"])
        defer { staged.discard() }
        let before = try files("prompts")
        // The last one was never made, so that its move fails.
        #expect(throws: StagingError.self) {
            try staged.move(["prompts/b.md", "prompts/a.md", "prompts/c.md"])
        }
        #expect(try files("prompts") == before)
    }
}
