@echo off
rem Builds the command line on first use, then runs it. After a change of the sources: mvn -DskipTests -pl hawser-cli -am package
rem HAWSER_JAVA_OPTS: more options for the JVM. JAVA_HOME: the JDK to build and run with.
setlocal DisableDelayedExpansion
set "root=%~dp0"
set "jar=%root%hawser-cli\target\hawser-cli.jar"
set "archive=%root%hawser-cli\target\hawser.jsa"
set "quick=-XX:+UseSerialGC -XX:TieredStopAtLevel=1"

set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
if defined JAVA_HOME if not exist "%java%.exe" (
    echo hawser: JAVA_HOME is %JAVA_HOME%, which has no bin\java 1>&2
    exit /b 1
)

if not exist "%jar%" (
    echo hawser: building ... 1>&2
    call mvn -q -B -f "%root%pom.xml" -DskipTests -Dspotless.check.skip -pl hawser-cli -am package 1>&2 <nul
    if not exist "%jar%" (
        echo hawser: the build failed 1>&2
        exit /b 1
    )
)

rem The classes of a short run, ready to be mapped. Nobody listens at port 9.
if not exist "%archive%" (
    "%java%" %quick% -XX:ArchiveClassesAtExit="%archive%" -jar "%jar%" pub -h 127.0.0.1 -p 9 -t t -m m >nul 2>&1 <nul
)

rem What runs shortly or at leisure starts fast; what is measured gets the JVM as it is.
if "%~1"=="bench" (
    "%java%" -Xshare:auto %HAWSER_JAVA_OPTS% -jar "%jar%" %*
) else (
    "%java%" -Xshare:auto %quick% -XX:SharedArchiveFile="%archive%" -Xlog:disable -Xlog:all=error,cds=off:stderr -XX:+IgnoreUnrecognizedVMOptions --sun-misc-unsafe-memory-access=allow %HAWSER_JAVA_OPTS% -jar "%jar%" %*
)
exit /b %ERRORLEVEL%
