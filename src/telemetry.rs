//! What the program tells those who run it: a log on the error output, spans of its requests to a
//! collector, figures for Prometheus. None of it holds a name or a number of anybody.

use std::io::IsTerminal;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// Name of the program in spans.
const SERVICE: &str = "juncai";
/// Seconds by which answers are sorted: the goals for lists and for jobs lie among them.
const BUCKETS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 5.0, 15.0, 60.0];

/// How the log is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogForm {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for programs.
    Json,
}

/// Where the program tells of itself.
#[derive(Debug, Clone, Default)]
pub struct TelemetryConfig {
    /// How the log is written (`JUNCAI_LOG`: `text`, `json`).
    pub log: LogForm,
    /// Address of a collector that takes spans by OTLP over HTTP (`JUNCAI_OTLP_ENDPOINT`), such as
    /// `http://127.0.0.1:4318`; none by default.
    pub otlp: Option<String>,
}

/// Spans on their way to the collector; dropping it sends the last ones.
#[derive(Debug, Default)]
pub struct Telemetry {
    spans: Option<SdkTracerProvider>,
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.spans.take().map(|spans| spans.shutdown()) {
            tracing::warn!(%error, "the last spans could not be sent");
        }
    }
}

/// Starts the log, and the spans where a collector is configured. `RUST_LOG` says more or less. A line
/// that cannot be written is lost and nothing else: to complain of it on the same full disk would end
/// the request with a panic.
///
/// # Errors
/// When the address of the collector cannot be used.
pub fn start(config: &TelemetryConfig) -> Result<Telemetry, String> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    let lines = match config.log {
        LogForm::Text => lines.boxed(),
        LogForm::Json => lines.json().flatten_event(true).boxed(),
    };
    let spans = config.otlp.as_deref().map(provider).transpose()?;
    let sent = spans.as_ref().map(|spans| {
        tracing_opentelemetry::layer().with_tracer(spans.tracer(SERVICE)).with_location(false)
    });
    // A second subscriber in one process is harmless: the first one goes on.
    let _ = tracing_subscriber::registry().with(filter).with(lines).with(sent).try_init();
    Ok(Telemetry { spans })
}

fn provider(endpoint: &str) -> Result<SdkTracerProvider, String> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()
        .map_err(|error| format!("JUNCAI_OTLP_ENDPOINT: {error}"))?;
    let resource = Resource::builder().with_service_name(SERVICE).build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

/// Begins to keep figures.
///
/// # Errors
/// When something else in the process keeps them already.
pub fn keep_figures() -> Result<PrometheusHandle, String> {
    let builder = PrometheusBuilder::new().set_buckets(&BUCKETS).map_err(|e| e.to_string())?;
    builder.install_recorder().map_err(|e| e.to_string())
}
