// Writes the same few files again and again, each time below a folder of its own, and has them written out: as fast as
// a run can possibly be that has to make all of them.
//
// Arguments: a folder to write copies of, where the copies come, and how many of them there are.
import Dispatch
import Glibc

struct Tree {
    var folders: [String] = []
    var files: [(path: String, bytes: [UInt8])] = []

    mutating func read(_ root: String, _ path: String) {
        guard let stream = opendir(root + path) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name == "." || name == ".." { continue }
            let below = path + "/" + name
            if entry.pointee.d_type == DT_DIR {
                folders.append(below)
                read(root, below)
            } else {
                var bytes = [UInt8](repeating: 0, count: 1 << 20)
                let file = open(root + below, O_RDONLY | O_CLOEXEC)
                let count = Glibc.read(file, &bytes, bytes.count)
                close(file)
                files.append((below, Array(bytes.prefix(max(0, count)))))
            }
        }
    }

    func write(to root: String) {
        mkdir(root, 0o777)
        for folder in folders { mkdir(root + folder, 0o777) }
        for (path, bytes) in files {
            let file = open(root + path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            guard Glibc.write(file, bytes, bytes.count) == bytes.count else { exit(1) }
            close(file)
        }
    }
}

var read = Tree()
read.read(CommandLine.arguments[1], "")
let tree = read
let target = CommandLine.arguments[2]
guard let count = Int(CommandLine.arguments[3]), !tree.files.isEmpty else { exit(2) }
mkdir(target, 0o777)
DispatchQueue.concurrentPerform(iterations: count) { number in tree.write(to: "\(target)/prompt_\(number)") }
let folder = open(target, O_RDONLY | O_CLOEXEC)
// Glibc's module leaves it out.
typealias SyncFilesystem = @convention(c) (Int32) -> Int32
guard let symbol = dlsym(nil, "syncfs"), unsafeBitCast(symbol, to: SyncFilesystem.self)(folder) == 0 else {
    exit(1)
}
print("\(count * tree.files.count) files")
