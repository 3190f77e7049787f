import Foundation
import Testing

/// Compares a text with the one kept in `Snapshots/`.
///
/// With `PROMPTREG_UPDATE_SNAPSHOTS=1` in the environment the kept text is replaced instead. Escape sequences are
/// kept with a visible sign for ESC, so that a snapshot can be read and reviewed.
///
/// - Parameters:
///   - text: The text.
///   - name: The snapshot's file name.
///   - sourceLocation: Where a difference is reported.
/// - Throws: What writing a replaced snapshot throws.
func expectSnapshot(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws
{
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Snapshots")
    let file = folder.appending(path: name)
    let shown = text.replacing("\u{1B}", with: "␛")
    if ProcessInfo.processInfo.environment["PROMPTREG_UPDATE_SNAPSHOTS"] == "1" {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(shown.utf8).write(to: file)
        return
    }
    let kept = try? Data(contentsOf: file)
    guard let kept else {
        Issue.record("there is no snapshot \(name)", sourceLocation: sourceLocation)
        return
    }
    #expect(
        Data(shown.utf8) == kept,
        "not as in \(name):\n\(firstDifference(shown, String(decoding: kept, as: UTF8.self)))",
        sourceLocation: sourceLocation)
}

/// The first line in which two texts differ.
private func firstDifference(_ text: String, _ kept: String) -> String {
    let new = text.components(separatedBy: "\n")
    let old = kept.components(separatedBy: "\n")
    for index in 0..<max(new.count, old.count) {
        let (one, other) = (
            index < old.count ? old[index] : "(end)", index < new.count ? new[index] : "(end)"
        )
        if one != other { return "line \(index + 1)\n  kept: \(one)\n  now:  \(other)" }
    }
    return "(no line differs)"
}
