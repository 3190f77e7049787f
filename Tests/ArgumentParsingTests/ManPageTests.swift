import Foundation
import Testing

@testable import ArgumentParsing

@Suite struct ManPageTests {
    private static let page = ManPage.render(.sample, date: "2026-01-31")

    /// The page as a reader sees it, each run of blanks made one.
    private static func formatted() throws -> String {
        let session = try ShellSession()
        try session.write(page, to: "ship.1")
        let result = try session.run("mandoc", "-T", "utf8", "-O", "width=200", "ship.1")
        // Bold and underline are overstrikes: a character, a backspace, a character.
        var text = ""
        for character in result.output.unicodeScalars {
            if character == "\u{8}" {
                text.unicodeScalars.removeLast()
            } else {
                text.unicodeScalars.append(character)
            }
        }
        return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    @Test func lintFindsNothing() throws {
        let session = try ShellSession()
        try session.write(Self.page, to: "ship.1")
        let result = try session.run("mandoc", "-T", "lint", "-W", "warning", "ship.1")
        #expect(result == ShellSession.Result(status: 0, output: ""))
    }

    @Test(arguments: [
        "SHIP(1) User Commands SHIP(1) NAME ship - Loads boxes on ships SYNOPSIS ship COMMAND [FLAGS]",
        "DESCRIPTION Loads boxes on ships. Boxes are taken as they come.",
        "COMMANDS ship load Load boxes, 'fragile' ones last: $HOME [first]. ship load [FLAGS] QUAY BOX...",
        ".Boxes that are on board already are left alone.",
        "QUAY Where the boxes stand BOX The boxes Selecting: -t, --target NAME Load for this harbour",
        "[default: the nearest] [env: SHIP_TARGET]",
        "--format FORMAT Print in this format [possible values: text, json, yaml-1.2] [default: text]",
        "-o, --odd It's \"odd\": $HOME, $(id), `id`, [a:b], {c}, \\d, 100% <e>; .f * ? ~ # ! – 'g'",
        "ship help [COMMAND]",
        "GLOBAL FLAGS --color WHEN Use colours",
        "EXIT STATUS 0 Everything is on board 64 The command line cannot be understood",
        "ENVIRONMENT SHIP_TARGET The harbour, where --target names none",
        "FILES ~/.ship The captain's settings",
        "EXAMPLES See what would be loaded: ship load --dry-run quay 'box 1' Load for York, and keep a log:",
        "ship 1.2.3 2026-01-31 SHIP(1)",
    ])
    func pageReads(excerpt: String) throws {
        #expect(try Self.formatted().contains(excerpt))
    }

    @Test func nothingIsLeftForRoffToActUpon() {
        for line in Self.page.split(separator: "\n") {
            let isRequest = [
                ".TH ", ".SH ", ".SS ", ".PP", ".TP", ".RS 4", ".RE", ".EX", ".EE", ".nh", ".ad l",
            ]
            .contains { line.hasPrefix($0) }
            #expect(isRequest || !line.hasPrefix("."))
            #expect(!line.hasPrefix("'"))
            #expect(line.utf8.count == line.unicodeScalars.count)
        }
    }
}
