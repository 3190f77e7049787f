/// Unique names for the files of prompts, also on case-insensitive file systems.
struct ExportFileNames {
    /// The longest name that file systems allow.
    private static let longest = 255
    /// Names that Windows reserves for devices, with any ending.
    private static let devices =
        Set(["con", "prn", "aux", "nul"] + (1...9).flatMap { ["com\($0)", "lpt\($0)"] })

    /// The names that prompts would have by themselves, in lower case.
    private var wanted: Set<String> = []
    private var taken: Set<String> = []

    /// Names for prompts.
    ///
    /// - Parameter files: The name and the ending of each file, such as `.md`.
    /// - Returns: The files' names, in the order of the prompts.
    static func names(for files: [(name: String, ending: String)]) -> [String] {
        var names = ExportFileNames()
        for file in files { names.wanted.insert(plain(file).lowercased()) }
        return files.map { names.next($0) }
    }

    /// The next file's name: its own if it is free, else a numbered one that no other prompt would have by itself.
    private mutating func next(_ file: (name: String, ending: String)) -> String {
        var name = Self.plain(file)
        var number = 1
        while taken.contains(name.lowercased()) || (number > 1 && wanted.contains(name.lowercased())) {
            number += 1
            name = Self.shortened(file.name, "-\(number)\(file.ending)")
        }
        taken.insert(name.lowercased())
        return name
    }

    private static func plain(_ file: (name: String, ending: String)) -> String {
        let stem = file.name.prefix { $0 != "." }.lowercased()
        return shortened((devices.contains(stem) ? "_" : "") + file.name, file.ending)
    }

    private static func shortened(_ name: String, _ ending: String) -> String {
        name.prefix(longest - ending.utf8.count) + ending
    }
}
