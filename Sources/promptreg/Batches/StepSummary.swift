import FoundationEssentials
import Reporting

extension CommandContext {
    /// Shows Markdown where a CI system shows it for a step. What cannot be written is only warned of.
    ///
    /// - Parameter text: Writes the Markdown.
    func addStepSummary(_ text: () -> String) {
        if let path = environment["GITHUB_STEP_SUMMARY"], !path.isEmpty {
            do throws(FileWriteError) {
                try WholeFile.append(text(), to: path)
            } catch {
                warnOfSummary(path, error)
            }
        }
        if let folder = environment["AGENT_TEMPDIRECTORY"], folder.hasPrefix("/"),
            AnnotatedWorkspace(environment)?.system == .azure
        {
            uploadSummary(text(), from: folder)
        }
    }

    /// Has Azure's agent take up a file, which it reads after this program and deletes with the pipeline's job.
    private func uploadSummary(_ text: String, from folder: String) {
        // A file of a name replaces another of a step, so that a second command needs a second name.
        var path = ""
        for number in 1...100 {
            path = "\(folder)/promptreg-\(number).md"
            if FileManager.default.fileExists(atPath: path) { continue }
            do throws(FileWriteError) {
                try WholeFile.write(Data(text.utf8), to: path, replacing: .nothing)
                return console.writeError(AzureAnnotations.uploadSummary(path))
            } catch {
                // Another command may have taken the name meanwhile.
                if !FileManager.default.fileExists(atPath: path) { return warnOfSummary(path, error) }
            }
        }
        console.warning("the step summary is left out, as there are 100 of this job", isUrgent: true)
    }

    private func warnOfSummary(_ path: String, _ error: FileWriteError) {
        console.warning("the step summary '\(path)' cannot be written: \(error.reason)", isUrgent: true)
    }
}
