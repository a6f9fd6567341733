//! `juncai demo`: plays the story into a data folder, prints what it came to, serves the site.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use super::open::{Place, open_app};
use super::serve::serve_app;
use crate::app::App;
use crate::demo;
use crate::domain::access::AccessRules;

/// Arguments of `juncai demo`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Data folder of the demonstration [env: JUNCAI_DATA] [default: demo-data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Address to serve on [env: JUNCAI_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Put so many more invented engineers beside those of the story, to try a whole province
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=demo::crowd::MOST as i64))]
    persons: Option<u32>,
    /// End after the story, without serving
    #[arg(long)]
    no_serve: bool,
}

pub(super) async fn run(args: &Args) -> ExitCode {
    match play(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => super::complain(&message),
    }
}

/// A crowd beside those of the story, in the story's time.
async fn invite(app: &App, persons: u32) -> Result<(), String> {
    let app = app.clone().as_installed().await.map_err(|e| e.to_string())?;
    let started = Instant::now();
    let told = |persons: usize| eprint!("\r另登记虚构人员 {persons} 人…");
    let persons = usize::try_from(persons).unwrap_or(usize::MAX);
    demo::invite(&app, persons, told).await.map_err(|e| e.to_string())?;
    println!("\n登记并核定用时  {:.1} 秒", started.elapsed().as_secs_f64());
    Ok(())
}

async fn play(args: &Args) -> Result<(), String> {
    let given = args.data.clone().or_else(|| std::env::var_os("JUNCAI_DATA").map(PathBuf::from));
    let data = given.unwrap_or_else(|| PathBuf::from("demo-data"));
    let place = Place { data: Some(data.clone()), config: None };
    let config = place.config_listening(args.listen)?;
    let mut app = open_app(&config).await.map_err(|e| e.to_string())?;
    app.access = AccessRules::EASY;
    println!("骏才演示：虚构的省份、企业和人员，数据文件夹 {}", data.display());
    let started = Instant::now();
    let mut activation = None;
    match demo::play(&app).await.map_err(|e| e.to_string())? {
        Some(report) => {
            activation = demo::activation(&app).await.map_err(|e| e.to_string())?;
            println!("{report}");
            println!("用时            {:.1} 秒", started.elapsed().as_secs_f64());
            if let Some(persons) = args.persons {
                invite(&app, persons).await?;
            }
        }
        None => println!("这个文件夹里已有演示数据，未作任何改动。"),
    }
    let (accounts, password) = demo::accounts();
    println!("\n登录账号（密码均为 {password}）：");
    for (what, login) in accounts {
        println!("  {login:<18}{what}");
    }
    if let Some(own) = activation {
        println!("\n工程师本人入口（/me/sign-in，首次登录）：");
        println!("  {}  证件号码 {}  激活码 {}", own.name, own.document_no, own.code);
    }
    if args.no_serve {
        return Ok(());
    }
    // The clock of a demonstration goes on from the end of its story.
    let app = app.as_installed().await.map_err(|e| e.to_string())?;
    println!();
    serve_app(app, &config).await
}
