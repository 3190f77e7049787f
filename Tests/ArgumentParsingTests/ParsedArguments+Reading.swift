@testable import ArgumentParsing

/// What the parser found, by flag.
extension ParsedArguments {
    func has(_ flag: Flag) -> Bool { count(of: flag) > 0 }

    func count(of flag: Flag) -> Int { occurrences.count { $0.name == flag.name } }

    func value(of flag: Flag) -> String? { values(of: flag).last }

    func values(of flag: Flag) -> [String] {
        occurrences.compactMap { $0.name == flag.name ? $0.value : nil }
    }
}
