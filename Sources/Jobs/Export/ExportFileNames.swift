/// Names for the files of prompts: one each, also where a disk takes capitals and small letters for the same.
struct ExportFileNames {
    /// The longest name that file systems take.
    private static let longest = 255
    /// Names that Windows keeps for devices, whatever ending they have.
    private static let devices: Set<String> = [
        "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
        "lpt1",
        "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
    ]

    /// The names that are wanted, in small letters, and how many want each.
    private var wanted: [String: Int] = [:]
    private var taken: Set<String> = []

    /// Names for prompts.
    ///
    /// - Parameter files: The name and the ending of each file, such as `.md`.
    /// - Returns: The files' names, in the order of the prompts.
    static func names(for files: [(name: String, ending: String)]) -> [String] {
        var names = ExportFileNames()
        for file in files { names.wanted[plain(file).lowercased(), default: 0] += 1 }
        return files.map { names.next($0) }
    }

    /// The next file's name. Where several want one, the first has it, and no other's own name is taken from it.
    private mutating func next(_ file: (name: String, ending: String)) -> String {
        var name = Self.plain(file)
        var number = 1
        while taken.contains(name.lowercased()) || (number > 1 && wanted[name.lowercased()] != nil) {
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
