//! The one binary. Commands live in [`juncai::cli`].

fn main() -> std::process::ExitCode {
    juncai::cli::run()
}
