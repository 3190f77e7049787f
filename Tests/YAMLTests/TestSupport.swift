import Diagnostics
import Support

@testable import YAML

/// What is wrong with a document, each as `line:column+length code: message`.
func findings(in text: String, limits: DocumentLimits = .init()) -> [String] {
    findings(in: Array(text.utf8), limits: limits)
}

/// What is wrong with a document's bytes.
func findings(in bytes: [UInt8], limits: DocumentLimits = .init()) -> [String] {
    parseYAML(bytes, file: "f.yaml", limits: limits).diagnostics.map { finding in
        let place = finding.location.map { "\($0.line):\($0.column)+\(finding.length)" } ?? "nowhere"
        return "\(place) \(finding.code.rawValue): \(finding.message)"
    }
}

/// The plain value of a document that must be sound.
func value(of text: String) throws(YAMLProblem) -> JSONValue {
    try JSONValue(parsingYAML: Array(text.utf8))
}

extension JSONValue {
    /// A number as Python's `repr` writes a float.
    init(_ number: Double) {
        // Swift's own description differs from 2^53 to 10^16, where every number is whole.
        let isWhole = number.magnitude >= 0x1p53 && number.magnitude < 1e16
        self = .number(isWhole ? "\(Int(number)).0" : number.description)
    }

    /// The value with its floats as Python writes them.
    var normalized: JSONValue {
        switch self {
        case .number(let text) where text.contains(where: { ".eE".contains($0) }):
            Double(text).map { JSONValue($0) } ?? self
        case .array(let items): .array(items.map(\.normalized))
        case .object(let members): .object(members.map { .init($0.key, $0.value.normalized) })
        default: self
        }
    }
}

/// The places of all keys and values, as `line:column+length`.
func places(in node: YAMLNode) -> [String] {
    let own = "\(node.location.line):\(node.location.column)+\(node.length)"
    switch node.value {
    case .sequence(let items): return [own] + items.flatMap(places)
    case .mapping(let entries):
        return [own]
            + entries.flatMap { entry in
                ["\(entry.keyLocation.line):\(entry.keyLocation.column)+\(entry.keyLength)"]
                    + places(in: entry.value)
            }
    default: return [own]
    }
}

/// SplitMix64: the same numbers for the same seed, on every machine.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
