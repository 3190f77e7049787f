package import FoundationEssentials

/// A value that is read from a JSON file whose format has a version.
package protocol VersionedFile: Decodable {
    /// The version of the format that this program reads.
    static var currentVersion: Int { get }
    /// The key that holds the version.
    static var versionKey: String { get }
}

/// Why a versioned file cannot be read.
package enum VersionedFileError: Error, Hashable, Sendable {
    /// It has no version of the format, so it is something else.
    case otherFormat
    /// It has another version of the format.
    case otherVersion(Int)
    /// It has the right version, and does not hold what that says.
    case invalid(String)
}

extension VersionedFile {
    /// Reads a file: its version first, so that the file of a newer program is not called broken.
    ///
    /// - Parameter json: The file's content.
    /// - Throws: `VersionedFileError`.
    package init(json: Data) throws(VersionedFileError) {
        let members = try? JSONDecoder().decode([String: PossibleNumber].self, from: json)
        guard let version = members?[Self.versionKey]?.value else { throw .otherFormat }
        guard version == Self.currentVersion else { throw .otherVersion(version) }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            self = try decoder.decode(Self.self, from: json)
        } catch {
            throw .invalid((error as? DecodingError)?.reason ?? "\(error)")
        }
        if let duplicate = Self.duplicateKey(in: json) { throw .invalid(duplicate) }
    }

    /// A key that an object has twice, of which a decoder takes one; nil where there is none.
    private static func duplicateKey(in json: Data) -> String? {
        var limits = DocumentLimits(maxDepth: 512)
        (limits.maxBytes, limits.maxValues) = (.max, .max)
        let (_, errors) = JSONReader<Void>.read(Array(json), limits: limits) { _, _, _ in }
        return errors.first { $0.kind == .duplicateKey }.map { "line \($0.position.line): \($0.message)" }
    }
}

/// A whole number, or anything else.
private struct PossibleNumber: Decodable {
    let value: Int?

    init(from decoder: any Decoder) throws {
        value = try? decoder.singleValueContainer().decode(Int.self)
    }
}

extension DecodingError {
    /// Which key is missing or wrong, such as `prompts[0].status is missing`.
    package var reason: String {
        switch self {
        case .keyNotFound(let key, let context): "\(Self.path(context.codingPath + [key])) is missing"
        case .valueNotFound(_, let context), .typeMismatch(_, let context), .dataCorrupted(let context):
            // The decoder tells no place of a number that it cannot hold.
            context.codingPath.isEmpty
                ? "a number in it is too large or not whole"
                : "\(Self.path(context.codingPath)) has an unexpected value"
        @unknown default: "it has an unexpected value"
        }
    }

    /// The place of a value, with its keys as the file has them.
    private static func path(_ keys: [any CodingKey]) -> String {
        keys.reduce(into: "") { path, key in
            if let index = key.intValue { return path += "[\(index)]" }
            path += path.isEmpty ? "" : "."
            for letter in key.stringValue {
                path += letter.isUppercase ? "_" + letter.lowercased() : String(letter)
            }
        }
    }
}
