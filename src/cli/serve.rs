//! `juncai serve`: the web server.

use std::net::SocketAddr;
use std::process::ExitCode;

use tokio::net::TcpListener;

use super::open::{Place, open_app};
use crate::app::App;
use crate::config::Config;
use crate::domain::registry::Code;
use crate::service::setup;
use crate::telemetry;
use crate::web::router::router;
use crate::web::site::Site;
use crate::web::{background, metrics, server};

/// Where to listen.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
    /// Address to listen on [env: JUNCAI_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Let everybody set the date for themselves; only with a database that was first started so
    /// while it was empty [env: JUNCAI_TEST_ENVIRONMENT]
    #[arg(long)]
    test_environment: bool,
}

pub(super) async fn run(args: &Args) -> ExitCode {
    match serve(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => super::complain(&error),
    }
}

async fn serve(args: &Args) -> Result<(), String> {
    let config = args.place.config_listening(args.listen)?;
    let app = open_app(&config).await.map_err(|e| e.to_string())?;
    let test = args.test_environment || config.test_environment;
    let app = setup::environment(app, test).await.map_err(|e| e.to_string())?;
    serve_app(app, &config).await
}

/// Serves an open installation until it is told to stop.
pub(super) async fn serve_app(app: App, config: &Config) -> Result<(), String> {
    let telemetry = telemetry::start(&config.telemetry)?;
    let listener = bind(config.listen).await?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    greet(&app, config, address).await?;
    let site = Site::new(app.clone()).behind(&config.trusted_proxies).keeping(&config.data);
    let mut beside = background::start(&app);
    if let Some(address) = config.metrics_listen {
        let figures = metrics::router(site.clone(), telemetry::keep_figures()?);
        let door = bind(address).await?;
        beside.spawn(async move {
            if let Err(error) = server::serve(door, figures, &[], std::future::pending()).await {
                tracing::error!(%error, "no figures are served any more");
            }
        });
    }
    let served =
        server::serve(listener, router(site), &config.trusted_proxies, stop_signal()).await;
    drop(beside);
    drop(telemetry);
    served.map_err(|e| e.to_string())
}

async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|e| format!("不能在 {address} 监听：{e}"))
}

/// Tells where the site is, and how to make those of the three administrators that are missing.
async fn greet(app: &App, config: &Config, address: SocketAddr) -> Result<(), String> {
    let scheme = if config.secure_cookies { "https" } else { "http" };
    println!("骏才已启动：{scheme}://{address}/");
    if app.clock.is_settable() {
        println!("测试环境：系统日期可以设定，请勿录入真实信息");
    }
    let links = setup::links(app).await.map_err(|e| format!("{e:?}"))?;
    if !links.is_empty() {
        println!(
            "请由不同的人各自打开下面的一次性链接，设置尚缺的管理员（24 小时内有效，重新启动会换新链接）"
        );
    }
    for link in links {
        println!("{}：{scheme}://{address}/setup/{}", link.role.label(), link.token);
    }
    Ok(())
}

/// Ends with Ctrl-C or a polite signal of the service manager.
async fn stop_signal() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = interrupt => {}
        () = terminate() => {}
    }
}

#[cfg(unix)]
async fn terminate() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminate() {
    std::future::pending().await
}
